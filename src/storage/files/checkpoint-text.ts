import { createHash } from "node:crypto";
import { CHECKPOINT_FORMAT, type CheckpointFile, type NewerFile, parseCheckpoint } from "../../schema/checkpoint.ts";
import { programVersion } from "../../version.ts";

/** Files of this format or newer have a checksum. */
const CHECKED_FROM = 2;

/** Why a text is not a valid checkpoint. `isEdited`: only its checksum is wrong. */
export type Damaged = { readonly damage: string; readonly isEdited: boolean; readonly name: string | null };

/** The text of a checkpoint file, including a checksum of its content, ignoring white space. */
export function checkpointText(content: Omit<CheckpointFile, "format">): string {
  const rest = { format: CHECKPOINT_FORMAT, ...content };
  const { format, ...head } = rest;
  return `${JSON.stringify({ format, checksum: checksumOf(rest), ...head }, null, 1)}\n`;
}

export type ReadOptions = {
  /** Ignores the checksum. */
  readonly edited?: boolean;
  /** Relies on the checksum of what this version wrote, without checking each field. */
  readonly relying?: boolean;
};

/** Parses a checkpoint, or returns why that fails. */
export function readCheckpointText(
  text: string,
  { edited = false, relying = false }: ReadOptions = {},
): CheckpointFile | { readonly newer: NewerFile } | Damaged {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { damage: error instanceof Error ? error.message : "not JSON", isEdited: false, name: nameIn(text) };
  }
  const own = relying ? ownCheckpoint(json) : undefined;
  if (own !== undefined) return own;
  const read = parseCheckpoint(json);
  if ("newer" in read) return read;
  if ("damage" in read) return { ...read, isEdited: false, name: nameIn(text) };
  if (edited || isIntact(json, read.format)) return read;
  return { damage: "its content does not match its checksum", isEdited: true, name: read.name };
}

/** The checkpoint, if this version wrote it and it is intact. */
function ownCheckpoint(json: unknown): CheckpointFile | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const { checksum, ...rest } = json as CheckpointFile & { readonly checksum?: unknown };
  const isOwn = rest.format === CHECKPOINT_FORMAT && rest.program === programVersion();
  return isOwn && checksum === checksumOf(rest) ? rest : undefined;
}

function isIntact(json: unknown, format: number): boolean {
  if (typeof json !== "object" || json === null) return false;
  const { checksum, ...rest } = json as { readonly checksum?: unknown };
  return checksum === undefined ? format < CHECKED_FROM : checksum === checksumOf(rest);
}

function checksumOf(content: object): string {
  return `sha256:${createHash("sha256").update(JSON.stringify(content)).digest("hex")}`;
}

/** The name of a damaged checkpoint, if that is still readable: it is near the beginning. */
function nameIn(text: string): string | null {
  const written = /^\s*"name":\s*("(?:[^"\\]|\\.)*")/m.exec(text.slice(0, 2000))?.[1];
  try {
    return written === undefined ? null : String(JSON.parse(written));
  } catch {
    return null;
  }
}
