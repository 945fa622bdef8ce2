import type { Key } from "node:readline";
import { type Folds, isLong } from "./folds.ts";
import type { Found, History } from "./history.ts";
import * as edit from "./line-buffer.ts";
import type { Edit, LineBuffer } from "./line-buffer.ts";
import { visible } from "./sanitize.ts";

/** What reading came to. */
export type ReadResult = { type: "line"; text: string } | { type: "eof" } | { type: "interrupt" };

/** What a key did beyond changing the text. */
export type Outcome =
  | ReadResult
  | { type: "clear_screen" }
  | { type: "suspend" }
  /** A text is shown above the line. */
  | { type: "show"; text: string };

/**
 * What is to be shown: `prompt` only where it is not the usual one, `below` lines that vanish at the next key. A text that
 * is only offered is replaced by what is typed.
 */
export type View = {
  prompt: string | undefined;
  text: string;
  cursor: number;
  below: readonly string[];
  isOffered: boolean;
};

type EditingOptions = {
  history: History;
  folds: Folds;
  /** Candidates to replace the text before the cursor, which it is given. */
  complete: ((line: string) => string[]) | undefined;
  multiline: boolean;
  /** Ctrl-C is an interrupt also where there is text. */
  cancellable: boolean;
  initial: string;
  /** Whether `initial` is only offered: Enter takes it, a key that edits does so too, and typing replaces it. */
  isOffered: boolean;
};

type Search = { fragment: string; found: Found | undefined; failed: boolean };

const EDITS: ReadonlyMap<string, Edit> = new Map<string, Edit>([
  ["left", edit.left],
  ["ctrl-b", edit.left],
  ["right", edit.right],
  ["ctrl-f", edit.right],
  ["home", edit.home],
  ["ctrl-a", edit.home],
  ["end", edit.end],
  ["ctrl-e", edit.end],
  ["alt-b", edit.wordLeft],
  ["ctrl-left", edit.wordLeft],
  ["alt-left", edit.wordLeft],
  ["alt-f", edit.wordRight],
  ["ctrl-right", edit.wordRight],
  ["alt-right", edit.wordRight],
  ["backspace", edit.deleteBackward],
  ["delete", edit.deleteForward],
  ["ctrl-w", edit.killBlankWordLeft],
  ["alt-backspace", edit.killWordLeft],
  ["alt-d", edit.killWordRight],
  ["ctrl-delete", edit.killWordRight],
  ["ctrl-k", edit.killToEnd],
  ["ctrl-u", edit.killToStart],
  ["ctrl-y", edit.yank],
  ["ctrl-t", edit.transpose],
  ["enter", (buffer) => edit.insert(buffer, "\n")],
]);

/** The keys that mean the same to every reader, by what some terminals send for Shift-Enter. */
const SHIFT_ENTER: ReadonlySet<string> = new Set(["\x1b[13;2u", "\x1b[27;2;13~"]);

const SHOWS_ALL = "Ctrl-O shows all of it.";

/** One text being typed: keys go in, a view comes out. Knows nothing of streams or terminals. */
export class Editing {
  readonly #options: EditingOptions;
  #buffer: LineBuffer;
  /** Index of the history entry shown; the number of entries while it is none. */
  #place: number;
  #unfinished: LineBuffer = edit.EMPTY_BUFFER;
  #search: Search | undefined;
  #below: readonly string[] = [];
  #pasting = false;
  #pasted = "";
  #isOffered: boolean;
  #isUntouched = true;

  constructor(options: EditingOptions) {
    const { folds, initial, isOffered, history } = options;
    this.#options = options;
    this.#buffer = edit.setText(edit.EMPTY_BUFFER, folds.refold(initial));
    this.#isOffered = isOffered && initial !== "";
    this.#place = history.entries.length;
  }

  /** The text as it would be submitted. */
  get text(): string {
    this.#takePasted();
    return this.#options.folds.unfold(this.#present.text);
  }

  /** Whether no key has come yet. */
  get isUntouched(): boolean {
    return this.#isUntouched;
  }

  get view(): View {
    this.#takePasted();
    const isOffered = this.#isOffered;
    if (this.#search === undefined) {
      const { text, cursor } = this.#present;
      const shown = this.#options.folds.shown(text, cursor);
      return { prompt: undefined, ...shown, below: this.#below, isOffered };
    }
    const { text, cursor } = this.#buffer;
    const { fragment, found, failed } = this.#search;
    const match = found?.text ?? text;
    const prompt = `(${failed ? "failed " : ""}reverse-search) '${visible(fragment).replaceAll("\n", " ")}': `;
    const at = found === undefined ? cursor : match.toLowerCase().indexOf(fragment.toLowerCase());
    const { text: whole, cursor: place } = edit.moveTo(edit.setText(this.#buffer, match), Math.max(0, at));
    return { prompt, ...this.#options.folds.shown(whole, place), below: [], isOffered };
  }

  /** Applies one key, as `readline.emitKeypressEvents` reports it. */
  press(typed: string | undefined, key: Key): Outcome | undefined {
    this.#isUntouched = false;
    if (this.#pasting || key.name === "paste-start") return this.#paste(key);
    this.#takePasted();
    this.#below = [];
    if (this.#isOffered) this.#answerOffer(typed, key);
    return this.#search === undefined ? this.#edit(typed, key) : this.#searching(typed, key, this.#search);
  }

  #answerOffer(typed: string | undefined, key: Key): void {
    this.#isOffered = false;
    if (isText(typed, key)) this.#buffer = edit.setText(this.#buffer, "");
  }

  #edit(typed: string | undefined, key: Key): Outcome | undefined {
    const chord = chordOf(key);
    const change = EDITS.get(chord);
    if (change !== undefined) {
      this.#buffer = change(this.#buffer);
      return undefined;
    }
    switch (chord) {
      case "return":
        return this.#enter();
      case "alt-return":
      case "alt-enter":
        return this.#options.multiline ? this.#submit() : this.#insert("\n");
      case "ctrl-d":
        return this.#ctrlD();
      case "ctrl-c":
        if (this.#options.cancellable || this.#buffer.text === "") return { type: "interrupt" };
        this.#buffer = edit.killAll(this.#buffer);
        this.#place = this.#options.history.entries.length;
        return undefined;
      case "up":
      case "ctrl-p":
        this.#buffer = edit.up(this.#buffer) ?? this.#recall(this.#place - 1);
        return undefined;
      case "down":
      case "ctrl-n":
        this.#buffer = edit.down(this.#buffer) ?? this.#recall(this.#place + 1);
        return undefined;
      case "ctrl-r":
        this.#search = { fragment: "", found: undefined, failed: false };
        return undefined;
      case "ctrl-o":
        return this.#showFolded();
      case "ctrl-l":
        return { type: "clear_screen" };
      case "ctrl-z":
        return { type: "suspend" };
      case "tab":
        this.#complete();
        return undefined;
      default:
        return isText(typed, key) ? this.#insert(typed) : undefined;
    }
  }

  #insert(text: string): Outcome | undefined {
    this.#buffer = edit.insert(this.#buffer, text);
    return undefined;
  }

  #enter(): Outcome | undefined {
    const { text, cursor } = this.#buffer;
    const line = edit.currentLine(this.#buffer);
    if (this.#options.multiline) {
      if (line.text.trim() !== '"""') return this.#insert("\n");
      const rest = text.slice(0, Math.max(0, line.start - 1)) + text.slice(line.end);
      this.#buffer = edit.setText(this.#buffer, line.start === 0 ? rest.slice(1) : rest);
      return this.#submit();
    }
    if (cursor === line.end && text[cursor - 1] === "\\") {
      this.#buffer = edit.deleteBackward(this.#buffer);
      return this.#insert("\n");
    }
    return this.#submit();
  }

  #ctrlD(): Outcome | undefined {
    if (this.#buffer.text === "") return { type: "eof" };
    if (this.#options.multiline) return this.#submit();
    this.#buffer = edit.deleteForward(this.#buffer);
    return undefined;
  }

  #submit(): ReadResult {
    const { folds, history } = this.#options;
    const text = folds.unfold(this.#buffer.text);
    // However it was looked at, what stays on the screen is folded.
    this.#buffer = edit.setText(this.#buffer, folds.refold(text));
    history.append(text);
    return { type: "line", text };
  }

  /** Unfolds what is folded in the line, or folds it again; in an empty one, shows what was folded last. */
  #showFolded(): Outcome | undefined {
    const { folds } = this.#options;
    const { text } = this.#buffer;
    if (text === "") return folds.last === undefined ? undefined : { type: "show", text: folds.last };
    const whole = folds.unfold(text);
    this.#buffer = edit.setText(this.#buffer, whole === text ? folds.refold(text) : whole);
    return undefined;
  }

  #recall(place: number): LineBuffer {
    const { entries } = this.#options.history;
    if (place < 0 || place > entries.length) return this.#buffer;
    if (this.#place === entries.length) this.#unfinished = this.#buffer;
    this.#place = place;
    const entry = entries[place];
    return entry === undefined ? this.#unfinished : edit.setText(this.#buffer, this.#options.folds.refold(entry));
  }

  #complete(): void {
    const { text, cursor } = this.#buffer;
    const head = text.slice(0, cursor);
    const candidates = this.#options.complete?.(head) ?? [];
    const shared = candidates.reduce(commonPrefix, candidates[0] ?? "");
    if (candidates.length === 1 || (shared.length > head.length && shared.startsWith(head))) {
      this.#buffer = edit.moveTo(edit.setText(this.#buffer, shared + text.slice(cursor)), shared.length);
    }
    if (candidates.length > 1) this.#below = candidates;
  }

  #paste(key: Key): Outcome | undefined {
    if (!this.#pasting && this.#search !== undefined) this.#acceptMatch(this.#search);
    if (this.#isOffered) this.#buffer = edit.setText(this.#buffer, "");
    this.#isOffered = false;
    this.#pasting = key.name !== "paste-end";
    if (key.name !== "paste-start" && key.name !== "paste-end") this.#pasted += key.sequence ?? "";
    this.#below = [];
    return undefined;
  }

  /** The text with what has come of a paste, unless that is long already. A `\r` waits for its `\n`. */
  get #present(): LineBuffer {
    const pasted = this.#pasted.replace(/\r$/, "");
    return pasted === "" || isLong(pasted) ? this.#buffer : edit.insert(this.#buffer, pasted);
  }

  /** A paste is many keys; inserting them at once keeps a long one quick, and tells how long it is. */
  #takePasted(): void {
    if (this.#pasting || this.#pasted === "") return;
    const pasted = this.#pasted.replace(/\r\n?/g, "\n");
    const folded = this.#options.folds.fold(pasted);
    this.#buffer = edit.insert(this.#buffer, folded);
    if (folded !== pasted) this.#below = [SHOWS_ALL];
    this.#pasted = "";
  }

  #searching(typed: string | undefined, key: Key, search: Search): Outcome | undefined {
    const { fragment, found } = search;
    switch (chordOf(key)) {
      case "ctrl-r":
        return this.#findOlder(search);
      case "ctrl-g":
      case "ctrl-c":
        this.#search = undefined;
        return undefined;
      case "backspace":
        return this.#find(search, fragment.slice(0, -1), undefined);
      case "return":
        this.#acceptMatch(search);
        return this.#submit();
      case "alt-escape":
      case "up":
      case "down":
        this.#acceptMatch(search);
        return undefined;
      default:
        if (isText(typed, key)) return this.#find(search, fragment + typed, found?.index);
        this.#acceptMatch(search);
        return this.#edit(typed, key);
    }
  }

  #find(search: Search, fragment: string, from: number | undefined): Outcome | undefined {
    const next = fragment === "" ? undefined : this.#options.history.search(fragment, from);
    const failed = fragment !== "" && next === undefined;
    this.#search = { fragment, failed, found: failed ? search.found : next };
    return undefined;
  }

  /** An older match that is not the same text again. */
  #findOlder(search: Search): Outcome | undefined {
    const { fragment, found } = search;
    if (found === undefined) return this.#find(search, fragment, undefined);
    let next: Found | undefined = found;
    while (next?.text === found.text) next = this.#options.history.search(fragment, next.index - 1);
    this.#search = { fragment, found: next ?? found, failed: next === undefined };
    return undefined;
  }

  #acceptMatch({ found }: Search): void {
    const { cursor } = this.view;
    this.#search = undefined;
    if (found === undefined) return;
    if (this.#place === this.#options.history.entries.length) this.#unfinished = this.#buffer;
    this.#place = found.index;
    const folded = edit.setText(this.#buffer, this.#options.folds.refold(found.text));
    this.#buffer = folded.text === found.text ? edit.moveTo(folded, cursor) : folded;
  }
}

function chordOf(key: Key): string {
  if (SHIFT_ENTER.has(key.sequence ?? "")) return "enter";
  return `${key.ctrl === true ? "ctrl-" : ""}${key.meta === true ? "alt-" : ""}${key.name ?? ""}`;
}

function isText(typed: string | undefined, key: Key): typed is string {
  if (typed === undefined || typed === "" || key.ctrl === true || key.meta === true) return false;
  return !/^[\u0000-\u001f\u007f-\u009f]/.test(typed);
}

function commonPrefix(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}
