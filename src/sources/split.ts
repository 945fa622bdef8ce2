import { PASSAGE_ROOM, type Room, chunk, fitsIn } from "../memory/chunk.ts";
import { estimateTokens } from "../memory/tokens.ts";
import { codePieces } from "./code-pieces.ts";
import type { Element, Place, SplitPassage } from "./element.ts";

/** Text added to a passage as a whole. `gap` separates it from the text before; `header` precedes it at a passage's start. */
type Piece = { readonly text: string; readonly gap: "\n" | "\n\n"; readonly header?: string | undefined };

/** Longest header that is repeated: a longer one would leave little room for rows. */
const HEADER_ROOM: Room = { characters: 300, tokens: 120 };
const RECORD_CHARACTERS = 200;
/** Headings are cut to this length, since every citation shows one. */
const LONGEST_HEADING = 120;

/**
 * Splits a document into passages. A heading begins one and stays with what follows it. Paragraphs, rows and lines of code stay
 * whole if they fit. A passage that begins with a table's row repeats the table's header. Only white space and control characters
 * are lost.
 */
export async function* split(
  elements: AsyncIterable<Element> | Iterable<Element>,
): AsyncGenerator<SplitPassage, void, void> {
  const draft = new Draft();
  for await (const element of elements) {
    if (draft.hasContent && (element.kind === "heading" || standsAlone(element))) yield* draft.end();
    if (element.kind === "heading") draft.heading = oneLine(element.text);
    if (element.kind === "code" && element.under !== undefined) draft.heading = oneLine(element.under);
    for (const piece of piecesOf(element, draft.roomBelowHeadings)) {
      if (!draft.fits(piece)) yield* draft.end();
      draft.add(piece, element);
    }
    if (standsAlone(element)) yield* draft.end();
  }
  yield* draft.end();
}

/** A long record is a passage of its own; short ones share one. */
function standsAlone({ kind, text }: Element): boolean {
  return kind === "row" && text.length >= RECORD_CHARACTERS;
}

/** The passage being filled. */
class Draft {
  /** The current heading. */
  heading: string | undefined;
  /** Whether it contains anything but headings. */
  hasContent = false;
  #text = "";
  #tokens = 0;
  #place: Place & { readonly heading?: string | undefined } = {};

  /** Room for a piece in the same passage as the headings above it; a whole passage if they are missing or too long. */
  get roomBelowHeadings(): Room {
    if (this.hasContent || this.#text.length > PASSAGE_ROOM.characters / 2) return PASSAGE_ROOM;
    const { characters, tokens } = PASSAGE_ROOM;
    return { characters: characters - this.#text.length - 2, tokens: tokens - this.#tokens - 1 };
  }

  fits({ text, gap }: Piece): boolean {
    return (
      this.#text === "" ||
      (this.#text.length + gap.length + text.length <= PASSAGE_ROOM.characters &&
        this.#tokens + 1 + estimateTokens(text) <= PASSAGE_ROOM.tokens)
    );
  }

  add({ text, gap, header }: Piece, { kind, page, line }: Element): void {
    const added = this.#text !== "" ? gap + text : header === undefined ? text : `${header}\n${text}`;
    if (this.#text === "") this.#place = { page, line, heading: this.heading };
    else if (kind === "heading") this.#place = { ...this.#place, heading: this.heading };
    this.#tokens += 1 + estimateTokens(added);
    this.#text += added;
    this.hasContent ||= kind !== "heading";
  }

  *end(): Generator<SplitPassage, void, void> {
    if (this.#text !== "") yield { text: this.#text, ...this.#place };
    this.#text = "";
    this.#tokens = 0;
    this.hasContent = false;
  }
}

/** Splits an element into pieces that fit into `room`. */
function* piecesOf(element: Element, room: Room): Generator<Piece, void, void> {
  const text = clean(element.text);
  if (element.kind === "row") {
    yield* rowPieces(text, clean(element.header ?? "").trim(), room);
    return;
  }
  let gap: Piece["gap"] = "\n\n";
  for (const piece of element.kind === "code" ? codePieces(text, room) : chunk(text, room)) {
    yield { text: piece, gap };
    gap = "\n";
  }
}

function* rowPieces(text: string, header: string, { characters, tokens }: Room): Generator<Piece, void, void> {
  const isRepeated = header !== "" && fitsIn(header, HEADER_ROOM);
  const room = isRepeated
    ? { characters: characters - HEADER_ROOM.characters - 1, tokens: tokens - HEADER_ROOM.tokens - 2 }
    : { characters, tokens };
  for (const piece of chunk(text, room)) yield { text: piece, gap: "\n", header: isRepeated ? header : undefined };
}

/** Removes control characters except tabs and line breaks, soft hyphens and byte order marks; replaces lone surrogates. */
function clean(text: string): string {
  return text
    .replace(/\r\n?|\f/g, "\n")
    .replace(/[\p{Cc}\u00ad\ufeff]/gu, (character) => (character === "\n" || character === "\t" ? character : ""))
    .toWellFormed();
}

function oneLine(text: string): string {
  const line = clean(text).replace(/\s+/gu, " ").trim();
  if (line.length <= LONGEST_HEADING) return line;
  return `${(chunk(line, { characters: LONGEST_HEADING - 1, tokens: Infinity })[0] ?? "").trimEnd()}…`;
}
