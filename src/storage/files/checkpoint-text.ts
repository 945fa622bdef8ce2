import { createHash } from "node:crypto";
import { CHECKPOINT_FORMAT, type CheckpointFile, type NewerFile, parseCheckpoint } from "../../schema/checkpoint.ts";

/** From this format on every file has a checksum. */
const CHECKED_FROM = 2;

/** Why a text is no checkpoint. `isEdited`: only its checksum is wrong. */
export type Damaged = { readonly damage: string; readonly isEdited: boolean; readonly name: string | null };

/** The text of a checkpoint file, with a checksum of all else in it. White space does not count. */
export function checkpointText(content: Omit<CheckpointFile, "format">): string {
  const rest = { format: CHECKPOINT_FORMAT, ...content };
  const { format, ...head } = rest;
  return `${JSON.stringify({ format, checksum: checksumOf(rest), ...head }, null, 1)}\n`;
}

/** The checkpoint in `text`, or what keeps it from being read. `edited`: its checksum does not matter. */
export function readCheckpointText(
  text: string,
  { edited = false }: { readonly edited?: boolean } = {},
): CheckpointFile | { readonly newer: NewerFile } | Damaged {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { damage: error instanceof Error ? error.message : "not JSON", isEdited: false, name: nameIn(text) };
  }
  const read = parseCheckpoint(json);
  if ("newer" in read) return read;
  if ("damage" in read) return { ...read, isEdited: false, name: nameIn(text) };
  if (edited || isIntact(json, read.format)) return read;
  return { damage: "its content does not match its checksum", isEdited: true, name: read.name };
}

function isIntact(json: unknown, format: number): boolean {
  if (typeof json !== "object" || json === null) return false;
  const { checksum, ...rest } = json as { readonly checksum?: unknown };
  return checksum === undefined ? format < CHECKED_FROM : checksum === checksumOf(rest);
}

function checksumOf(content: object): string {
  return `sha256:${createHash("sha256").update(JSON.stringify(content)).digest("hex")}`;
}

/** What a person called it, where so much can still be read: it stands near the beginning. */
function nameIn(text: string): string | null {
  const written = /^\s*"name":\s*("(?:[^"\\]|\\.)*")/m.exec(text.slice(0, 2000))?.[1];
  try {
    return written === undefined ? null : String(JSON.parse(written));
  } catch {
    return null;
  }
}
