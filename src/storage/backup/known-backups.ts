import { existsSync, readFileSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";
import { parseJson } from "../../memory/envelope.ts";
import { folded } from "../../memory/forgetting.ts";
import { containsAny } from "../../memory/phrases.ts";
import type { SoughtInBackups } from "../../ports/forgetting.ts";
import { type KnownBackup, knownBackupsSchema } from "../../schema/backup.ts";
import { writeFileAtomic } from "../files/atomic.ts";
import { type Backup, memberStream, readBackup } from "./read-backup.ts";

/** Adds a backup to the home's list, and drops backups whose files no longer exist. */
export function noteBackup(list: string, backup: KnownBackup): void {
  const others = knownBackups(list).filter(({ file }) => file !== backup.file);
  writeFileAtomic(list, `${JSON.stringify([...others, backup], null, 2)}\n`);
}

function knownBackups(list: string): KnownBackup[] {
  const read = knownBackupsSchema.safeParse(existsSync(list) ? parseJson(readFileSync(list, "utf8")) : []);
  return (read.data ?? []).filter(({ file }) => existsSync(file));
}

/** The backup files that contain any of it, and those that cannot be read. */
export async function backupsHolding(list: string, { agent, ids, words }: SoughtInBackups): Promise<string[]> {
  const phrases = [...ids, ...words, ...words.map((word) => JSON.stringify(word).slice(1, -1))];
  if (phrases.length === 0) return [];
  const found: string[] = [];
  for (const { file } of knownBackups(list)) {
    const backup = await readBackup(file).catch(() => undefined);
    if (backup === undefined) found.push(`${file} (cannot be read)`);
    else if (await holds(file, backup, [[agent], phrases])) found.push(file);
  }
  return found;
}

/** Whether one agent's files contain at least one phrase of each list. */
async function holds(
  file: string,
  { manifest, members }: Backup,
  lists: readonly (readonly string[])[],
): Promise<boolean> {
  for (const agent of manifest.agents) {
    const paths = agent.members.map(({ member }) => member);
    const missing = new Set(lists);
    for (const { member, at } of members) {
      if (!paths.includes(member.member)) continue;
      for await (const text of textsOf(file, at, member.size)) {
        for (const list of missing) if (containsAny(text, list)) missing.delete(list);
        if (missing.size === 0) return true;
      }
    }
  }
  return false;
}

/** Characters of a chunk that are searched again with the next, for phrases that span both. */
const OVERLAP = 4096;

/** The bytes of a member as folded text, chunk by chunk. */
async function* textsOf(file: string, at: number, size: number): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of memberStream(file, at, size).pipe(createGunzip())) {
    if (!Buffer.isBuffer(chunk)) continue;
    const text = rest + folded(decoder.write(chunk));
    yield text;
    rest = text.slice(-OVERLAP);
  }
}
