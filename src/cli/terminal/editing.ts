import type { Key } from "node:readline";
import { type Folds, isLong } from "./folds.ts";
import type { History } from "./history.ts";
import { EDITS, chordOf, isText } from "./keys.ts";
import * as edit from "./line-buffer.ts";
import type { LineBuffer } from "./line-buffer.ts";
import { ReverseSearch } from "./reverse-search.ts";

/** The result of reading a line. */
export type ReadResult = { type: "line"; text: string } | { type: "eof" } | { type: "interrupt" };

/** The effect of a key beyond changing the text. */
export type Outcome =
  | ReadResult
  | { type: "clear_screen" }
  | { type: "suspend" }
  /** Shows a text above the line. */
  | { type: "show"; text: string };

/**
 * What to draw. `prompt` replaces the usual one; `below` lists lines that disappear at the next key. Typing replaces an
 * offered text.
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
  /** Given the text before the cursor, returns texts that may replace it. */
  complete: ((line: string) => string[]) | undefined;
  multiline: boolean;
  /** Whether Ctrl-C interrupts even if there is text. */
  cancellable: boolean;
  initial: string;
  /** Whether `initial` is only offered: Enter or an editing key accepts it, typing replaces it. */
  isOffered: boolean;
};

const SHOWS_ALL = "Ctrl-O shows all of it.";

/** One text being typed: keys go in, a view comes out. Knows nothing of streams or terminals. */
export class Editing {
  readonly #options: EditingOptions;
  #buffer: LineBuffer;
  /** Index of the history entry shown; the number of entries if none is. */
  #place: number;
  #unfinished: LineBuffer = edit.EMPTY_BUFFER;
  #search: ReverseSearch | undefined;
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

  /** The text that Enter would submit. */
  get text(): string {
    this.#insertPasted();
    return this.#options.folds.unfold(this.#present.text);
  }

  /** Whether no key has been pressed yet. */
  get isUntouched(): boolean {
    return this.#isUntouched;
  }

  get view(): View {
    this.#insertPasted();
    const isOffered = this.#isOffered;
    if (this.#search === undefined) {
      const { text, cursor } = this.#present;
      const shown = this.#options.folds.shown(text, cursor);
      return { prompt: undefined, ...shown, below: this.#below, isOffered };
    }
    const { text, cursor } = this.#buffer;
    const { found, matchStart = cursor, prompt } = this.#search;
    const match = edit.setText(this.#buffer, found?.text ?? text);
    const { text: whole, cursor: place } = edit.moveTo(match, matchStart);
    return { prompt, ...this.#options.folds.shown(whole, place), below: [], isOffered };
  }

  /** Applies one key, as `readline.emitKeypressEvents` reports it. */
  press(typed: string | undefined, key: Key): Outcome | undefined {
    this.#isUntouched = false;
    if (this.#pasting || key.name === "paste-start") return this.#paste(key);
    this.#insertPasted();
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
        this.#search = ReverseSearch.start(this.#options.history);
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
    // What stays on the screen is folded, even if it was unfolded before.
    this.#buffer = edit.setText(this.#buffer, folds.refold(text));
    history.append(text);
    return { type: "line", text };
  }

  /** Unfolds the line or folds it again; in an empty line, shows the text folded last. */
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

  /** The text including an unfinished paste, unless that is already long. A `\r` waits for its `\n`. */
  get #present(): LineBuffer {
    const pasted = this.#pasted.replace(/\r$/, "");
    return pasted === "" || isLong(pasted) ? this.#buffer : edit.insert(this.#buffer, pasted);
  }

  /** Inserts a finished paste at once: it arrives key by key, and only its whole length decides whether to fold it. */
  #insertPasted(): void {
    if (this.#pasting || this.#pasted === "") return;
    const pasted = this.#pasted.replace(/\r\n?/g, "\n");
    const folded = this.#options.folds.fold(pasted);
    this.#buffer = edit.insert(this.#buffer, folded);
    if (folded !== pasted) this.#below = [SHOWS_ALL];
    this.#pasted = "";
  }

  #searching(typed: string | undefined, key: Key, search: ReverseSearch): Outcome | undefined {
    switch (chordOf(key)) {
      case "ctrl-r":
        this.#search = search.older();
        return undefined;
      case "ctrl-g":
      case "ctrl-c":
        this.#search = undefined;
        return undefined;
      case "backspace":
        this.#search = search.deleteLast();
        return undefined;
      case "return":
        this.#acceptMatch(search);
        return this.#submit();
      case "alt-escape":
      case "up":
      case "down":
        this.#acceptMatch(search);
        return undefined;
      default:
        if (isText(typed, key)) {
          this.#search = search.type(typed);
          return undefined;
        }
        this.#acceptMatch(search);
        return this.#edit(typed, key);
    }
  }

  #acceptMatch({ found }: ReverseSearch): void {
    const { cursor } = this.view;
    this.#search = undefined;
    if (found === undefined) return;
    if (this.#place === this.#options.history.entries.length) this.#unfinished = this.#buffer;
    this.#place = found.index;
    const folded = edit.setText(this.#buffer, this.#options.folds.refold(found.text));
    this.#buffer = folded.text === found.text ? edit.moveTo(folded, cursor) : folded;
  }
}

function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}
