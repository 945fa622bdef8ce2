import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { MemGPTError, describe } from "../../errors.ts";
import type { BackupManifest, BackupMember } from "../../schema/backup.ts";
import { MANIFEST, placesOf, readManifestText, trailer } from "./layout.ts";
import { tarHeader, tarLength, tarPadding, tarSize } from "./tar.ts";

/** A readable backup. `damage` has one line per damaged part; if there is any, nothing may be restored. */
export type Backup = {
  readonly manifest: BackupManifest;
  readonly damage: readonly string[];
  readonly members: readonly { readonly member: BackupMember; readonly at: number }[];
};

/** Only hundreds of thousands of checkpoints would need a larger manifest. */
const LARGEST_MANIFEST = 256 * 1024 * 1024;
const CHUNK = 1024 * 1024;

/**
 * Checks every byte of a backup.
 *
 * @throws MemGPTError `not_found`; `storage_failed` if it is not a backup, cannot be read, or a newer program wrote it; `storage_damaged`
 *   if its manifest is damaged.
 */
export async function readBackup(file: string, signal?: AbortSignal): Promise<Backup> {
  const handle = await open(file, "r").catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
      throw new MemGPTError("not_found", `${file} does not exist. Nothing was restored.`, { cause });
    }
    throw new MemGPTError("storage_failed", `Cannot read ${file} (${describe(cause)}).`, { cause });
  });
  try {
    return await check(handle, file, signal);
  } finally {
    await handle.close();
  }
}

async function check(handle: FileHandle, file: string, signal: AbortSignal | undefined): Promise<Backup> {
  const { size: actual } = await handle.stat();
  const hash = createHash("sha256");
  /** Reads up to `length` bytes and adds them to the checksum. */
  const read = async (at: number, length: number): Promise<Buffer> => {
    signal?.throwIfAborted();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
    const bytes = buffer.subarray(0, bytesRead);
    hash.update(bytes);
    return bytes;
  };

  const { manifest, length } = await manifestIn(file, actual, read);
  const { members, end } = placesOf(manifest, length);
  const damage: string[] = [];
  for (const { member, at } of members) {
    const problem = await problemOf(member, at, actual, read);
    if (problem !== undefined) damage.push(`${member.member} ${problem}`);
  }
  const last = trailer(hash.digest("hex"));
  const rest = await handle.read(Buffer.alloc(last.length), 0, last.length, end);
  if (actual < end + last.length) damage.push("SHA256, the end of the file, is cut off");
  else if (damage.length === 0 && !rest.buffer.equals(last)) damage.push("SHA256, the sum of all, is damaged");
  if (actual > end + last.length) damage.push(`${actual - end - last.length} extra bytes follow its end`);
  return { manifest, damage, members };
}

type Read = (at: number, length: number) => Promise<Buffer>;

async function manifestIn(
  file: string,
  actual: number,
  read: Read,
): Promise<{ manifest: BackupManifest; length: number }> {
  const header = await read(0, 512);
  const isOurs = header.toString("latin1", 0, MANIFEST.length) === MANIFEST;
  const length = header.length === 512 ? tarSize(header, MANIFEST) : undefined;
  if (length === undefined || length > LARGEST_MANIFEST) {
    if (isOurs) throw damagedManifest(file, "the header of manifest.json is damaged");
    throw new MemGPTError("storage_failed", `${file} is not a backup of memgpt, or its beginning is damaged.`);
  }
  if (actual < tarLength(length)) throw damagedManifest(file, "manifest.json is cut off");
  const text = (await read(512, length)).toString("utf8");
  const padding = await read(512 + length, tarPadding(length).length);
  const manifest = readManifestText(text);
  if (manifest === undefined || !padding.equals(tarPadding(length))) {
    throw damagedManifest(file, "manifest.json is damaged");
  }
  if ("newer" in manifest) {
    const message = `${file} was written by a newer memgpt (format ${manifest.newer}). Update memgpt to restore it.`;
    throw new MemGPTError("storage_failed", message);
  }
  return { manifest, length };
}

function damagedManifest(file: string, problem: string): MemGPTError {
  const message = `${file} is damaged: ${problem}, and without it nothing in the file can be checked. Nothing was restored.`;
  return new MemGPTError("storage_damaged", message);
}

/** What is wrong with a member, as a predicate ("is cut off"). */
async function problemOf(
  { member, size, sha256 }: BackupMember,
  at: number,
  actual: number,
  read: Read,
): Promise<string | undefined> {
  const header = await read(at, 512);
  const sum = createHash("sha256");
  for (let done = 0; done < size;) {
    const bytes = await read(at + 512 + done, Math.min(CHUNK, size - done));
    if (bytes.length === 0) break;
    sum.update(bytes);
    done += bytes.length;
  }
  const padding = await read(at + 512 + size, tarPadding(size).length);
  if (actual <= at) return "is missing: the file ends before it";
  if (actual < at + tarLength(size)) return "is cut off";
  if (sum.digest("hex") !== sha256) return "is damaged: its content does not match its checksum";
  if (!header.equals(tarHeader(member, size)) || !padding.equals(tarPadding(size))) {
    return "is damaged in its header or padding";
  }
  return undefined;
}

/** The compressed bytes of one member. */
export function memberStream(file: string, at: number, size: number): NodeJS.ReadableStream {
  return createReadStream(file, { start: at + 512, end: at + 512 + size - 1 });
}
