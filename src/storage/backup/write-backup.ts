import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, renameSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { MemGPTError, describe } from "../../errors.ts";
import { BACKUP_FORMAT, type BackupAgent, type BackupManifest, type BackupMember } from "../../schema/backup.ts";
import { programVersion } from "../../version.ts";
import { removeQuietly } from "../files/atomic.ts";
import { syncFolder } from "../files/folders.ts";
import type { AgentFolder } from "../files/paths.ts";
import { copyToBackUp } from "./copy-to-back-up.ts";
import { MANIFEST, manifestText, trailer } from "./layout.ts";
import { tarHeader, tarPadding } from "./tar.ts";

export type WriteOptions = {
  /** Now, ISO 8601 in UTC. */
  readonly at: string;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Writes agents to one file, all or nothing, each in the state after one of its steps, even while other processes use them.
 * Drafts are kept in a folder beside the file. Replaces an existing file.
 *
 * @throws MemGPTError `storage_failed` if an agent cannot be read or the file cannot be written; `interrupted`.
 */
export async function writeBackup(
  folders: readonly AgentFolder[],
  file: string,
  { at, signal }: WriteOptions,
): Promise<{ readonly manifest: BackupManifest; readonly bytes: number }> {
  let draft: string | undefined;
  try {
    draft = mkdtempSync(`${file}.`);
    const agents: BackupAgent[] = [];
    for (const [index, folder] of folders.entries()) {
      agents.push(await stage(folder, join(draft, `agent-${index + 1}`), { index, signal }));
    }
    const manifest = { format: BACKUP_FORMAT, program: programVersion(), at, agents } as const;
    const whole = join(draft, "backup.tar");
    await writeTar(whole, manifest, { from: draft, signal });
    const bytes = statSync(whole).size;
    renameSync(whole, file);
    syncFolder(dirname(file));
    return { manifest, bytes };
  } catch (cause) {
    if (signal?.aborted === true) throw new MemGPTError("interrupted", `Stopped. ${file} was not written.`, { cause });
    if (cause instanceof MemGPTError) throw cause;
    throw new MemGPTError("storage_failed", `Cannot write ${file} (${describe(cause)}). Nothing was backed up.`, {
      cause,
    });
  } finally {
    if (draft !== undefined) removeQuietly(draft);
  }
}

/** Copies one agent and compresses its files, removing each copy once it is compressed. */
async function stage(
  folder: AgentFolder,
  copy: string,
  { index, signal }: { readonly index: number; readonly signal: AbortSignal | undefined },
): Promise<BackupAgent> {
  const { files, ...counts } = await copyToBackUp(folder, copy);
  const members: BackupMember[] = [];
  for (const path of files) {
    signal?.throwIfAborted();
    const from = join(copy, path);
    const hash = createHash("sha256");
    const summed = new Transform({
      transform(chunk: Buffer, _, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    const bytes = statSync(from).size;
    await pipeline(createReadStream(from), createGzip(), summed, createWriteStream(`${from}.gz`), { signal });
    removeQuietly(from);
    const size = statSync(`${from}.gz`).size;
    members.push({ path, member: `agent-${index + 1}/${path}.gz`, size, bytes, sha256: hash.digest("hex") });
  }
  return { name: folder.name, ...counts, members };
}

async function writeTar(
  file: string,
  manifest: BackupManifest,
  { from, signal }: { readonly from: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const hash = createHash("sha256");
  const handle = await open(file, "wx", 0o600);
  const write = async (bytes: Buffer): Promise<void> => {
    hash.update(bytes);
    await handle.writeFile(bytes);
  };
  try {
    const text = Buffer.from(manifestText(manifest), "utf8");
    await write(Buffer.concat([tarHeader(MANIFEST, text.length), text, tarPadding(text.length)]));
    for (const { member, size } of manifest.agents.flatMap((agent) => agent.members)) {
      await write(tarHeader(member, size));
      for await (const chunk of createReadStream(join(from, member), { signal })) await write(chunk as Buffer);
      await write(tarPadding(size));
      removeQuietly(join(from, member));
    }
    await handle.writeFile(trailer(hash.digest("hex")));
    await handle.sync();
  } finally {
    await handle.close();
  }
}
