import { type Room, chunk, fitsIn } from "../memory/chunk.ts";

/**
 * Splits code into pieces of whole lines, at an empty line if the second half of a piece has one. Only a line that is too long
 * by itself is split.
 */
export function* codePieces(code: string, room: Room): Generator<string, void, void> {
  let lines: string[] = [];
  for (const line of code.split("\n")) {
    const grown = [...lines, line].join("\n");
    if (!fitsIn(grown, room) && lines.length > 0) {
      const cut = cutOf(lines);
      yield* whole(lines.slice(0, cut), room);
      lines = lines.slice(cut);
    }
    lines.push(line);
  }
  yield* whole(lines, room);
}

/** Number of lines in the next piece: up to the last empty line, unless that leaves most of them. */
function cutOf(lines: readonly string[]): number {
  const empty = lines.findLastIndex((line) => line.trim() === "");
  return empty >= lines.length / 2 ? empty + 1 : lines.length;
}

function* whole(lines: readonly string[], room: Room): Generator<string, void, void> {
  const text = lines
    .join("\n")
    .replace(/^(?:[^\S\n]*\n)+/, "")
    .trimEnd();
  if (text === "") return;
  if (fitsIn(text, room)) yield text;
  else yield* chunk(text, room);
}
