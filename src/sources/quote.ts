import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { MemGPTError, describe } from "../errors.ts";
import { decode } from "./encoding.ts";
import { identify } from "./identify.ts";
import { type Input, Unreadable, inputAt } from "./input.ts";
import { openDocument } from "./read.ts";
import { Reader } from "./reader.ts";
import { split } from "./split.ts";
import { beginning } from "../schema/beginning.ts";

/** Most characters of a file quoted in a message. */
export const MOST_QUOTED = 16_000;

/** The text of a file, at most `MOST_QUOTED` characters of it. */
export type QuotedFile = { readonly name: string; readonly text: string; readonly isCut: boolean };

/**
 * Reads the first `MOST_QUOTED` characters of a file of any kind that sources support.
 *
 * @throws MemGPTError `not_found` if it does not exist; `invalid_input` if it is not a file or cannot be read.
 */
export async function quoteFile(path: string): Promise<QuotedFile> {
  const found = await stat(resolve(path)).catch((cause: unknown) => {
    throw new MemGPTError("not_found", `${path} cannot be read: ${describe(cause)}.`, { cause });
  });
  if (!found.isFile()) throw new MemGPTError("invalid_input", `${path} is not a file.`);
  const name = basename(path);
  try {
    const text = await textOf(inputAt(resolve(path), { name, size: found.size }));
    const isCut = text.length > MOST_QUOTED;
    return { name, text: isCut ? beginning(text, MOST_QUOTED) : text, isCut };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new MemGPTError("invalid_input", `${path} cannot be read: ${error.message}.`, { cause: error });
  }
}

/** At least one character more than is quoted, if there is more. Text is read as it is, other kinds as their passages. */
async function textOf(input: Input): Promise<string> {
  const head = await input.head();
  const found = head.length === 0 ? undefined : await identify(input.name, head);
  if (found !== undefined && "encoding" in found && found.kind !== "html") {
    return decode(head, found.encoding).replace(/^\uFEFF/, "");
  }
  const reader = new Reader();
  let text = "";
  try {
    const { elements } = await openDocument(input, reader, () => undefined);
    for await (const passage of split(elements)) {
      text += text === "" ? passage.text : `\n\n${passage.text}`;
      if (text.length > MOST_QUOTED) break;
    }
  } finally {
    reader.close();
  }
  if (text === "") throw new Unreadable("it has no text");
  return text;
}
