import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import * as z from "zod";
import { type AgentFunction, defineFunction } from "../define.ts";
import { type AllowedFolders, allowedFile } from "./folders.ts";

/** Most characters read at once, as in the original. */
const MOST_CHARACTERS = 500;

const filename = z.string().min(1).describe("The name of the file.");

/** `read_from_text_file` and `append_to_text_file`, inside folders that the person allowed. */
export function textFileFunctions(allowed: AllowedFolders): AgentFunction[] {
  const readFromTextFile = defineFunction({
    name: "read_from_text_file",
    kind: "plain",
    description: "Reads lines from a text file.",
    parameters: z.object({
      filename,
      line_start: z.number().int().min(1).describe("Line to start reading from, from 1."),
      num_lines: z.number().int().min(1).optional().describe("How many lines to read (default 1)."),
    }),
    run: async ({ filename: name, line_start: start, num_lines: count = 1 }, { signal }) => {
      const path = await allowedFile(name, allowed);
      const text = await withFile(path, name, constants.O_RDONLY, (file) => lines(file, { start, count, signal }));
      if (text === undefined) return { output: `The file has no line ${start}.` };
      const isWhole = text.length <= MOST_CHARACTERS;
      const note = `\n(cut after ${MOST_CHARACTERS} characters; read fewer lines)`;
      return { output: isWhole ? text : text.slice(0, MOST_CHARACTERS) + note, foreign: true };
    },
  });
  const appendToTextFile = defineFunction({
    name: "append_to_text_file",
    kind: "outside_effect",
    description: "Appends a line of text to an existing text file.",
    parameters: z.object({ filename, content: z.string().describe("Text to append.") }),
    run: async ({ filename: name, content }) => {
      const path = await allowedFile(name, allowed);
      await withFile(path, name, constants.O_WRONLY | constants.O_APPEND, (file) => file.writeFile(`${content}\n`));
      return { output: null };
    },
  });
  return [readFromTextFile, appendToTextFile];
}

/** Opens a checked file, refusing a symbolic link put in its place since. */
async function withFile<T>(
  path: string,
  name: string,
  flags: number,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${JSON.stringify(name)} is not a file`);
    return await use(file);
  } finally {
    await file.close();
  }
}

/** Lines of a file, cut a little after the most that is shown; undefined if the file ends before them. */
async function lines(
  file: FileHandle,
  {
    start,
    count,
    signal,
  }: { readonly start: number; readonly count: number; readonly signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  let [line, text, isFound] = [1, "", false];
  for await (const chunk of file.createReadStream({ encoding: "utf8", autoClose: false, signal })) {
    for (const piece of String(chunk).split(/(?<=\n)/)) {
      const isRequested = line >= start && line < start + count;
      if (isRequested && text.length <= MOST_CHARACTERS) text += piece;
      isFound ||= isRequested;
      if (piece.endsWith("\n")) line += 1;
      if (line >= start + count || text.length > MOST_CHARACTERS) return text.replace(/\r?\n$/, "");
    }
  }
  return isFound ? text.replace(/\r?\n$/, "") : undefined;
}
