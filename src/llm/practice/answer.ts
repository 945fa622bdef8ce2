/** One call the practice model wants to make. */
export type Call = { readonly name: string; readonly args: Readonly<Record<string, string | number | boolean>> };

/** What the practice model decides in one step: an internal monologue and the calls that follow from it. */
export type Answer = { readonly thought: string; readonly calls: readonly Call[] };

/** A monologue in plain words: no brackets, quotes or underscores, so that nobody mistakes it for a call. */
export function think(thought: string): string {
  const words = thought
    .replace(/[(){}[\]"_]/g, " ")
    .split(/\s+/)
    .filter((word) => word !== "");
  return words.slice(0, 45).join(" ");
}

export function reply(thought: string, message: string): Answer {
  return { thought, calls: [{ name: "send_message", args: { message } }] };
}
