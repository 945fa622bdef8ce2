import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type * as z from "zod";
import { MemGPTError } from "../index.ts";

/** The data measured: a file's path as given, and its SHA-256 in hexadecimal. */
export type Dataset = { readonly path: string; readonly sha256: string };

/** @throws MemGPTError `not_found` if the file does not exist. */
export async function datasetAt(path: string): Promise<Dataset> {
  const hash = createHash("sha256");
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return { path, sha256: hash.digest("hex") };
}

/**
 * The content of a JSON file.
 *
 * @throws MemGPTError `not_found` if the file does not exist, `invalid_input` if it is not JSON or does not fit the schema.
 */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readText(path);
  return checked(schema, parsed(text, path), path);
}

/**
 * The lines of a file with one JSON value each. Blank lines are skipped, but counted in line numbers.
 *
 * @throws MemGPTError `not_found` if the file does not exist, `invalid_input` naming the first invalid line.
 */
export async function readJsonLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const lines = (await readText(path)).split("\n");
  const values = lines.flatMap((line, index) => {
    const where = `${path}, line ${index + 1}`;
    return line.trim() === "" ? [] : [checked(schema, parsed(line, where), where)];
  });
  if (values.length === 0) throw emptyData(path);
  return values;
}

/**
 * Streams the objects of a file with one JSON array, so that the file may be larger than memory.
 *
 * @throws MemGPTError `not_found` if the file does not exist, `invalid_input` naming the first invalid object, or if there
 *   are none.
 */
export async function* readJsonItems<T>(path: string, schema: z.ZodType<T>): AsyncGenerator<T, void, void> {
  let count = 0;
  for await (const text of objectsIn(path)) {
    count += 1;
    const where = `${path}, item ${count}`;
    yield checked(schema, parsed(text, where), where);
  }
  if (count === 0) throw emptyData(path);
}

/** The texts of the objects of an array. Does not check what is between them. */
async function* objectsIn(path: string): AsyncGenerator<string, void, void> {
  let [depth, isString, isEscaped, text] = [0, false, false, ""];
  for await (const piece of pieces(path)) {
    let from = depth > 1 ? 0 : piece.length;
    for (let index = 0; index < piece.length; index += 1) {
      const character = piece[index];
      if (isString) {
        if (isEscaped) isEscaped = false;
        else if (character === "\\") isEscaped = true;
        else if (character === '"') isString = false;
      } else if (character === '"') {
        isString = true;
      } else if (character === "{" || character === "[") {
        if (depth === 0 && character === "{") throw notAnArray(path);
        if (depth === 1) from = index;
        depth += 1;
      } else if (character === "}" || character === "]") {
        depth -= 1;
        if (depth !== 1) continue;
        yield text + piece.slice(from, index + 1);
        [text, from] = ["", piece.length];
      } else if (depth === 0 && character !== undefined && !/[\s\uFEFF]/.test(character)) {
        throw notAnArray(path);
      }
    }
    text += piece.slice(from);
  }
  if (depth > 0) throw new MemGPTError("invalid_input", `${path} is cut off. Nothing was measured.`);
}

async function* pieces(path: string): AsyncGenerator<string, void, void> {
  try {
    for await (const piece of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 })) {
      yield piece as string;
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** An error, because figures without data would look like a bad result. */
export function emptyData(path: string): MemGPTError {
  return new MemGPTError("invalid_input", `${path} is empty. Nothing was measured.`);
}

function notAnArray(path: string): MemGPTError {
  return new MemGPTError("invalid_input", `${path} is not a JSON array of objects. Nothing was measured.`);
}

export async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message.slice(0, 120) : "";
    throw new MemGPTError("invalid_input", `${where} is not JSON (${problem}). Nothing was measured.`, { cause });
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.map(String).join(".")}`;
  const problem = issue?.message ?? "unexpected structure";
  throw new MemGPTError("invalid_input", `${where} is not the expected data${at}: ${problem}. Nothing was measured.`);
}

function unreadable(path: string, cause: unknown): MemGPTError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") {
    const text = `No file ${path}. The data is not part of the program: pass the path of your copy.`;
    return new MemGPTError("not_found", text, { cause });
  }
  const problem = cause instanceof Error ? cause.message : String(cause);
  return new MemGPTError("invalid_input", `${path} cannot be read (${problem}). Nothing was measured.`, { cause });
}
