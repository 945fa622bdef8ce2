import { MemGPTError, didYouMean } from "../../errors.ts";
import { shownTime } from "../../time/format.ts";
import type { CheckpointEntry } from "../../schema/timeline.ts";
import type { Checkpoint } from "./checkpoints.ts";

/** Parses a person's time, such as `yesterday 17:00`, to ISO 8601; undefined if it is not a time. */
export type ParseTime = (text: string) => Promise<string | undefined>;

/** A store of checkpoints, each with the name that its file has or would have. */
export type CheckpointSource = {
  /** Oldest first. */
  files(): readonly string[] | Promise<readonly string[]>;
  /** Newest first. */
  list(): readonly CheckpointEntry[] | Promise<readonly CheckpointEntry[]>;
  read(file: string, options: { readonly edited?: boolean }): Checkpoint | Promise<Checkpoint>;
};

/** Most names that an error lists. */
const MOST_LISTED = 10;

/**
 * Finds a checkpoint by the first match: a file, with or without its extension; a name (the newest of that name); a number in
 * the list, 1 being the newest; a time (the newest checkpoint at or before it).
 *
 * @param options.edited Accepts a file that a person edited, ignoring its checksum.
 * @throws MemGPTError `invalid_input` if `which` is blank; `not_found` if nothing matches, listing what exists;
 *   `storage_failed` if it is damaged or a newer program wrote it.
 */
export async function findCheckpoint(
  folder: CheckpointSource,
  which: string,
  parseTime: ParseTime,
  options: { readonly edited?: boolean } = {},
): Promise<Checkpoint> {
  const text = which.trim();
  const files = new Set(await folder.files());
  const file = [text, `${text}.json`, `${text}.kept.json`].find((name) => files.has(name));
  if (file !== undefined) return folder.read(file, options);

  const entries = await folder.list();
  if (text === "") throw new MemGPTError("invalid_input", `Say which checkpoint. ${whatThereIs(entries)}`);
  const isNumber = /^\d+$/.test(text);
  const chosen = byName(entries, text) ?? (isNumber ? entries[Number(text) - 1] : undefined);
  if (chosen !== undefined) return folder.read(chosen.file, options);

  const moment = isNumber ? undefined : await momentOf(text, parseTime);
  const before = moment === undefined ? undefined : entries.find(({ time }) => Date.parse(time) <= moment);
  if (before === undefined) throw notFound(text, moment, entries);
  return folder.read(before.file, options);
}

/** The newest of that name, preferring the same case. */
function byName(entries: readonly CheckpointEntry[], text: string): CheckpointEntry | undefined {
  const fold = (name: string | null): string | undefined => name?.trim().normalize().toLowerCase();
  return entries.find(({ name }) => name === text) ?? entries.find(({ name }) => fold(name) === fold(text));
}

/** Milliseconds since 1970. Parses a full ISO time itself, because `parseTime` may take it for local. */
async function momentOf(text: string, parseTime: ParseTime): Promise<number | undefined> {
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i.test(text);
  const parsed = Date.parse((isInstant ? text : await parseTime(text)) ?? "");
  return Number.isNaN(parsed) ? undefined : parsed;
}

function notFound(text: string, moment: number | undefined, entries: readonly CheckpointEntry[]): MemGPTError {
  const missing =
    moment === undefined
      ? `There is no checkpoint ${JSON.stringify(text)}.${didYouMean(text, namesOf(entries))}`
      : `There is no checkpoint at or before ${shownTime(moment)}.`;
  return new MemGPTError("not_found", `${missing} ${whatThereIs(entries)}`);
}

function whatThereIs(entries: readonly CheckpointEntry[]): string {
  const [newest, oldest] = [entries.at(0), entries.at(-1)];
  if (newest === undefined || oldest === undefined) return "There are none yet.";
  if (entries.length === 1) return `There is 1, of ${shownTime(newest.time)}${called(entries)}.`;
  const bad = entries.flatMap(({ time, problem }) =>
    problem === null ? [] : [`that of ${shownTime(time)} is ${problem}`],
  );
  const damaged = bad.length === 0 ? "" : ` Not all can be loaded: ${bad.join("; ")}.`;
  return `There are ${entries.length}, from ${shownTime(oldest.time)} to ${shownTime(newest.time)}${called(entries)}.${damaged}`;
}

/** The existing names, to end a sentence. */
function called(entries: readonly CheckpointEntry[]): string {
  const names = namesOf(entries);
  if (names.length === 0) return "";
  const listed = names.slice(0, MOST_LISTED).map((name) => JSON.stringify(name));
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : "";
  return `; named: ${listed.join(", ")}${more}`;
}

/** Distinct names, newest first. */
function namesOf(entries: readonly CheckpointEntry[]): string[] {
  return [...new Set(entries.flatMap(({ name }) => name ?? []))];
}
