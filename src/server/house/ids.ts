import { createHash, randomUUID } from "node:crypto";

/** The first part of an id, before a dash and a UUID. */
export type Kind =
  | "agent"
  | "archive"
  | "block"
  | "conv"
  | "file"
  | "identity"
  | "key"
  | "message"
  | "passage"
  | "run"
  | "source"
  | "step"
  | "tool"
  | "user";

export function newId(kind: Kind): string {
  return `${kind}-${randomUUID()}`;
}

/** A deterministic id made from `words`, with a UUID of version 4. */
export function idOf(kind: Kind, ...words: readonly string[]): string {
  return `${kind}-${uuidOf(...words)}`;
}

export function uuidOf(...words: readonly string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(words)).digest("hex");
  const variant = (8 + (Number.parseInt(hex.charAt(16), 16) % 4)).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20)];
  return [...parts, hex.slice(20, 32)].join("-");
}

/** An id without its kind; undefined for an id of another kind. */
export function bareId(kind: Kind, id: string): string | undefined {
  return id.startsWith(`${kind}-`) ? id.slice(kind.length + 1) : undefined;
}

const NOBODY = "00000000-0000-4000-8000-000000000000";
export const DEFAULT_USER = `user-${NOBODY}`;
export const DEFAULT_ORGANIZATION = `org-${NOBODY}`;

/** A valid folder name made from `name`; `absent` if nothing of it is usable. */
export function folderName(name: string, absent: string): string {
  const base = name
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, "-")
    .replace(/^[ .]+/, "")
    .slice(0, 46)
    .replace(/[ .]+$/, "");
  return base === "" ? absent : base;
}
