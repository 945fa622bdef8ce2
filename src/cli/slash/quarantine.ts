import { type Held, shownTime } from "../../index.ts";
import { excerpt } from "../terminal/one-line.ts";

/** Most characters shown of a write. */
const EXCERPT = 300;

/** Writes that were held back, as a person reads them. */
export function renderHeld(held: readonly Held[], name: string): string {
  if (held.length === 0) return `Nothing is held back from the memory of ${name}.`;
  const items = held.map((item) =>
    [
      `${item.id}  ${shownTime(item.at)}  ${whatOf(item)}`,
      `  ${excerpt(textOf(item), EXCERPT)}`,
      `  held back by the rule ${item.rule}, for: "${item.excerpt}"`,
    ].join("\n"),
  );
  return items.join("\n\n");
}

function whatOf({ write }: Held): string {
  switch (write.type) {
    case "call":
      return `the agent's ${write.name}`;
    case "passage":
      return "a passage";
    case "message":
      return write.role === "user" ? "an imported message" : "an imported reply";
    case "block":
      return `the imported block ${write.label}`;
    case "prompt":
      return "an imported prompt";
  }
}

function textOf({ write }: Held): string {
  if (write.type === "call") return write.arguments;
  return write.type === "block" ? [write.value, write.description ?? ""].join("\n").trim() : write.text;
}
