import { open, readdir, stat } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { MemGPTError, describe } from "../errors.ts";
import type { ImportPlan } from "../imports/plan.ts";
import { type ExportPart, readConversations, readImport, unknownFormat } from "../imports/read.ts";
import { filesInZip } from "../sources/readers/zip-file.ts";

/** Most bytes of an export that is parsed as one JSON text, as all but lists of conversations are. */
const MOST_BYTES = 400 * 1024 * 1024;
/** Up to here, conversations are also parsed as one text, which can say in which line it has a mistake. */
const SHORT = 32 * 1024 * 1024;
/** ChatGPT splits large exports into `conversations-000.json` and so on. */
const CONVERSATIONS = /^conversations(?:-\d+)?\.json$/;

/** A list of conversations, or any other export. */
type Part = { readonly name: string; readonly size: number; readonly chunks: () => AsyncIterable<Uint8Array> };

/**
 * Reads an export without changing anything: a file, or the conversations in an archive or a folder.
 *
 * @throws MemGPTError `not_found`; `invalid_input`, naming place and reason, for what cannot be read.
 */
export async function readExport(file: string): Promise<ImportPlan> {
  const parts = await partsOf(file);
  const [first] = parts;
  if (first === undefined || parts.every(({ size }) => size === 0)) throw refused(`${file} is empty`);
  try {
    if (parts.length === 1 && first.size <= SHORT) return readImport(file, await textOf(first));
    const plan = await readConversations(file, parts.map(exportPart));
    if (plan !== undefined) return plan;
    if (parts.length > 1) throw unknownFormat(file);
    if (first.size > MOST_BYTES) throw refused(`${file} is larger than ${MOST_BYTES / 1024 / 1024} MB`);
    return readImport(file, await textOf(first));
  } catch (error) {
    if (error instanceof MemGPTError) throw error;
    throw refused(`${file}: ${describe(error)}`, error);
  }
}

async function partsOf(file: string): Promise<Part[]> {
  const found = await stat(file).catch((cause: unknown) => {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const what = isMissing ? `${file} does not exist` : `${file} cannot be read: ${describe(cause)}`;
    throw new MemGPTError("not_found", `${what}. Nothing was imported.`, { cause });
  });
  if (found.isDirectory()) {
    const names = (await readdir(file)).filter((name) => CONVERSATIONS.test(name));
    if (names.length === 0) throw refused(`${file} is a folder without conversations.json`);
    return Promise.all(names.sort().map(async (name) => partAt(join(file, name), name)));
  }
  if (!found.isFile()) throw refused(`${file} is not a file`);
  if (!(await isZip(file))) return [await partAt(file, file)];
  const inside = await filesInZip(file).catch((cause: unknown) => {
    throw refused(`${file}: ${describe(cause)}`, cause);
  });
  const lists = inside.filter(({ name }) => CONVERSATIONS.test(name.slice(name.lastIndexOf("/") + 1)));
  if (lists.length === 0) throw refused(`${file} is an archive without conversations.json`);
  return lists.sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function partAt(path: string, name: string): Promise<Part> {
  const { size } = await stat(path);
  return { name, size, chunks: () => createReadStream(path) };
}

async function isZip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString("latin1") === "PK";
  } finally {
    await handle.close();
  }
}

async function textOf({ chunks }: Part): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of decoded(chunks())) pieces.push(piece);
  return pieces.join("");
}

function exportPart({ name, chunks }: Part): ExportPart {
  return { name, texts: () => decoded(chunks()) };
}

async function* decoded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

function refused(what: string, cause?: unknown): MemGPTError {
  return new MemGPTError("invalid_input", `${what}. Nothing was imported.`, { cause });
}
