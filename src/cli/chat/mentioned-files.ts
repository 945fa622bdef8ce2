import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { MOST_QUOTED, MemGPTError, fence, markFrom, quoteFile } from "../../index.ts";
import { shellWord } from "../terminal/shell-word.ts";

/** A message with the files that it names, and lines about them for the person. */
export type WithFiles = { readonly text: string; readonly notes: readonly string[] };

/**
 * Appends the text of each `@path` to the message, fenced as data: what a file says is not what the person says. An `@word`
 * that names no file stays as it is.
 */
export async function withMentionedFiles(message: string): Promise<WithFiles> {
  const notes: string[] = [];
  let text = message;
  for (const path of mentionedIn(message)) {
    if (!existsSync(path)) {
      if (/[/\\.]/.test(path)) notes.push(`@${path} is not a file; the message is sent unchanged.`);
      continue;
    }
    try {
      const { name, text: quoted, isCut } = await quoteFile(path);
      const { open, close } = fence(markFrom(randomUUID()), `file:${name.replace(/\s+/g, "_")}`);
      text += `\n\n${open}${quoted.trimEnd()}${isCut ? "\n[the rest of the file is left out]" : ""}${close}`;
      notes.push(noteOf(path, quoted.length, isCut));
    } catch (error) {
      if (!(error instanceof MemGPTError)) throw error;
      notes.push(`${error.message} The message is sent without it.`);
    }
  }
  return { text, notes };
}

/** In the order in which they are named, each once. A path with spaces is written in double quotes. */
function mentionedIn(message: string): Set<string> {
  const found = [...message.matchAll(/(?:^|\s)@(?:"([^"\n]+)"|(\S+))/g)].map(([, quoted, bare = ""]) => {
    const path = quoted ?? (existsSync(bare) ? bare : bare.replace(/[,;:!?.)\]]+$/, ""));
    return path.replace(/^~(?=\/)/, homedir());
  });
  return new Set(found.filter((path) => path !== ""));
}

function noteOf(path: string, characters: number, isCut: boolean): string {
  const shown = characters.toLocaleString("en-US");
  if (!isCut) return `Added ${path} (${shown} characters).`;
  const most = MOST_QUOTED.toLocaleString("en-US");
  return `Added the first ${most} characters of ${path}; \`memgpt load NAME ${shellWord(path)}\` makes all of it searchable.`;
}
