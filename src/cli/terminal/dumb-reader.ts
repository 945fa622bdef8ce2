import { createInterface } from "node:readline";
import type { Interface } from "node:readline";
import type { ReadResult } from "./editing.ts";
import { visible } from "./sanitize.ts";

export type DumbReadOptions = {
  prompt: string;
  continuation: string;
  multiline: boolean;
  /** Initial text: in multiline mode the first lines, otherwise a line that Enter alone sends. */
  initial: string | undefined;
  signal: AbortSignal | undefined;
};

/** Reads whole lines without escape codes, for dumb terminals and pipes. */
export class DumbReader {
  readonly #input: NodeJS.ReadableStream;
  readonly #output: NodeJS.WritableStream;
  readonly #lines: string[] = [];
  #interface: Interface | undefined;
  /** Lines read so far of the current text. */
  #begun: readonly string[] = [];
  #ended = false;
  #interrupted = false;
  #wake: (() => void) | undefined;

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    this.#input = input;
    this.#output = output;
  }

  get text(): string {
    return this.#begun.join("\n");
  }

  async read(options: DumbReadOptions): Promise<ReadResult> {
    const { signal } = options;
    const wake = (): void => this.#wake?.();
    const onInterrupt = (): void => {
      this.#interrupted = true;
      wake();
    };
    // Before the prompt appears, because the person may press Ctrl-C once it does.
    process.on("SIGINT", onInterrupt);
    signal?.addEventListener("abort", wake);
    try {
      return await this.#readText(options);
    } finally {
      // Newer versions of Node throw if a closed interface is paused.
      if (!this.#ended) this.#interface?.pause();
      this.#interrupted = false;
      this.#begun = [];
      process.off("SIGINT", onInterrupt);
      signal?.removeEventListener("abort", wake);
    }
  }

  async #readText({ prompt, continuation, multiline, initial, signal }: DumbReadOptions): Promise<ReadResult> {
    const lines = multiline && initial !== undefined ? initial.split("\n") : [];
    const offered = multiline ? undefined : initial;
    this.#begun = offered === undefined ? lines : [offered];
    if (initial !== undefined) this.#output.write(`${prompt}${visible(initial)}\n`);
    if (offered !== undefined) this.#output.write("(Enter sends this; typing replaces it.)\n");
    for (;;) {
      this.#output.write(lines.length === 0 ? prompt : continuation);
      const next = await this.#next(signal);
      if (next.type === "interrupt" && lines.length > 0) {
        lines.length = 0;
        continue;
      }
      if (next.type !== "line") return lines.length === 0 ? next : { type: "line", text: lines.join("\n") };
      if (offered !== undefined && lines.length === 0 && next.text === "") return { type: "line", text: offered };
      if (multiline && next.text.trim() === '"""') return { type: "line", text: lines.join("\n") };
      if (!multiline && !next.text.endsWith("\\")) return { type: "line", text: [...lines, next.text].join("\n") };
      lines.push(multiline ? next.text : next.text.slice(0, -1));
      this.#begun = lines;
    }
  }

  async #next(signal: AbortSignal | undefined): Promise<ReadResult> {
    for (;;) {
      signal?.throwIfAborted();
      const source = this.#open();
      if (this.#interrupted) {
        this.#interrupted = false;
        this.#output.write("\n");
        return { type: "interrupt" };
      }
      const line = this.#lines.shift();
      if (line !== undefined) return { type: "line", text: line };
      if (this.#ended) return { type: "eof" };
      source.resume();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #open(): Interface {
    if (this.#interface !== undefined) return this.#interface;
    const source = createInterface({ input: this.#input, terminal: false });
    source.on("line", (line) => {
      this.#lines.push(line);
      this.#wake?.();
    });
    source.on("close", () => {
      this.#ended = true;
      this.#wake?.();
    });
    this.#interface = source;
    return source;
  }
}
