/**
 * Who or what a text is from. A document may be a page of one. What the model wrote after it read something of others in the
 * same turn counts as theirs.
 */
export const ORIGIN_KINDS = ["person", "model", "document", "tool", "agent", "client", "import"] as const;
export type OriginKind = (typeof ORIGIN_KINDS)[number];

/** As text: `model`, or with a name `tool:http_request`. */
export function originOf(kind: OriginKind, name?: string): string {
  return name === undefined || name.trim() === "" ? kind : `${kind}:${name.trim()}`;
}

/** Whether `text` names a kind of origin, alone or with a name. */
export function isOrigin(text: string): boolean {
  return ORIGIN_KINDS.some((kind) => text === kind || text.startsWith(`${kind}:`));
}
