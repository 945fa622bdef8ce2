import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { MemGPTError, describe } from "../errors.ts";
import { decode } from "./encoding.ts";
import { identify } from "./identify.ts";
import { type Input, Unreadable, inputAt } from "./input.ts";
import { openDocument } from "./read.ts";
import { split } from "./split.ts";

/** Characters of a file that a message takes. */
export const MOST_QUOTED = 16_000;

/** The text of a file, at most `MOST_QUOTED` characters of it. */
export type QuotedFile = { readonly name: string; readonly text: string; readonly isCut: boolean };

/**
 * Reads a file of any kind that a source can be loaded from, as far as a message takes it.
 *
 * @throws MemGPTError `not_found` if there is nothing; `invalid_input` for a folder and for what cannot be read.
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
    // Not in the middle of a character.
    const end = isCut && /[\uD800-\uDBFF]/.test(text.charAt(MOST_QUOTED - 1)) ? MOST_QUOTED - 1 : MOST_QUOTED;
    return { name, text: text.slice(0, end), isCut };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new MemGPTError("invalid_input", `${path} cannot be read: ${error.message}.`, { cause: error });
  }
}

/** More than is quoted, so that it shows whether there is more. A text is taken as it stands, anything else as its passages. */
async function textOf(input: Input): Promise<string> {
  const head = await input.head();
  const found = head.length === 0 ? undefined : await identify(input.name, head);
  if (found !== undefined && "encoding" in found && found.kind !== "html") {
    return decode(head, found.encoding).replace(/^\uFEFF/, "");
  }
  const { elements } = await openDocument(input, () => undefined);
  let text = "";
  for await (const passage of split(elements)) {
    text += text === "" ? passage.text : `\n\n${passage.text}`;
    if (text.length > MOST_QUOTED) break;
  }
  if (text === "") throw new Unreadable("it has no text");
  return text;
}
