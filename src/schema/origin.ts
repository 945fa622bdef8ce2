/**
 * Who or what a text comes from. For a document, that may be one of its pages. What the model wrote after reading someone else's
 * text in the same turn counts as theirs.
 */
export const ORIGIN_KINDS = ["person", "model", "document", "tool", "agent", "client", "import"] as const;
export type OriginKind = (typeof ORIGIN_KINDS)[number];

/** An origin as text: `model`, or `tool:http_request` with a name. */
export function originOf(kind: OriginKind, name?: string): string {
  return name === undefined || name.trim() === "" ? kind : `${kind}:${name.trim()}`;
}

/** Whether `text` names a kind of origin, alone or with a name. */
export function isOrigin(text: string): boolean {
  return ORIGIN_KINDS.some((kind) => text === kind || text.startsWith(`${kind}:`));
}
