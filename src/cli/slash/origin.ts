import { oneLine } from "../terminal/one-line.ts";

/** Where a text is from, in brackets, if neither from the agent nor from the person it talks to. */
export function fromOthers(origin: string | null): string {
  return origin === null || origin === "model" || origin === "person" ? "" : ` (from ${oneLine(origin)})`;
}
