import { createReadStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { describe } from "../../errors.ts";
import { MemGPTError } from "../../index.ts";
import { wholeStream } from "./whole-stream.ts";

/** Far more than any block or preset may have. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The text of `--text` or `--file` (`-`: standard input); undefined if neither was given. */
export async function textArgument(given: {
  readonly text?: string;
  readonly file?: string;
}): Promise<string | undefined> {
  const { text, file } = given;
  if (text !== undefined && file !== undefined) {
    throw new MemGPTError("invalid_input", "Pass either --text or --file, not both. Nothing was saved.");
  }
  if (file === undefined) return text;
  if (file === "-") return (await wholeStream(process.stdin, MOST_BYTES)).toString("utf8");
  try {
    // A device may never end.
    const bytes = await buffer(createReadStream(file, { end: MOST_BYTES }));
    if (bytes.length > MOST_BYTES) throw new Error("it is larger than 4 MB");
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const reason = cause instanceof TypeError ? "it is not UTF-8" : describe(cause);
    throw new MemGPTError("not_found", `${file} cannot be read: ${reason}. Nothing was saved.`, { cause });
  }
}
