import type { Found, History } from "./history.ts";
import { visible } from "./sanitize.ts";

/** A search through earlier texts, newest first, refined by each typed character. Immutable. */
export class ReverseSearch {
  readonly found: Found | undefined;
  readonly #history: History;
  readonly #fragment: string;
  readonly #failed: boolean;

  private constructor(history: History, fragment: string, found: Found | undefined, failed: boolean) {
    this.#history = history;
    this.#fragment = fragment;
    this.found = found;
    this.#failed = failed;
  }

  static start(history: History): ReverseSearch {
    return new ReverseSearch(history, "", undefined, false);
  }

  get prompt(): string {
    const fragment = visible(this.#fragment).replaceAll("\n", " ");
    return `(${this.#failed ? "failed " : ""}reverse-search) '${fragment}': `;
  }

  /** Where the fragment starts in the found text. */
  get matchStart(): number | undefined {
    const at = this.found?.text.toLowerCase().indexOf(this.#fragment.toLowerCase());
    return at === undefined ? undefined : Math.max(0, at);
  }

  type(text: string): ReverseSearch {
    return this.#find(this.#fragment + text, this.found?.index);
  }

  deleteLast(): ReverseSearch {
    return this.#find(this.#fragment.slice(0, -1), undefined);
  }

  /** The next older match with a different text. */
  older(): ReverseSearch {
    const { found } = this;
    if (found === undefined) return this.#find(this.#fragment, undefined);
    let next: Found | undefined = found;
    while (next?.text === found.text) next = this.#history.search(this.#fragment, next.index - 1);
    return new ReverseSearch(this.#history, this.#fragment, next ?? found, next === undefined);
  }

  #find(fragment: string, from: number | undefined): ReverseSearch {
    const next = fragment === "" ? undefined : this.#history.search(fragment, from);
    const failed = fragment !== "" && next === undefined;
    return new ReverseSearch(this.#history, fragment, failed ? this.found : next, failed);
  }
}
