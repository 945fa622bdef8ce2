import { createInterface } from "node:readline";
import type { Interface } from "node:readline";
import type { ReadResult } from "./editing.ts";

export type DumbReadOptions = {
  prompt: string;
  continuation: string;
  multiline: boolean;
  signal: AbortSignal | undefined;
};

type Event = { type: "line"; text: string } | { type: "eof" } | { type: "interrupt" };

/** Reads whole lines without a single escape code: for dumb terminals and for pipes. */
export class DumbReader {
  readonly #input: NodeJS.ReadableStream;
  readonly #output: NodeJS.WritableStream;
  readonly #lines: string[] = [];
  #interface: Interface | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    this.#input = input;
    this.#output = output;
  }

  async read({ prompt, continuation, multiline, signal }: DumbReadOptions): Promise<ReadResult> {
    const lines: string[] = [];
    for (;;) {
      this.#output.write(lines.length === 0 ? prompt : continuation);
      const event = await this.#next(signal);
      if (event.type === "interrupt" && lines.length > 0) {
        lines.length = 0;
        continue;
      }
      if (event.type !== "line") return lines.length === 0 ? event : { type: "line", text: lines.join("\n") };
      if (multiline) {
        if (event.text.trim() === '"""') return { type: "line", text: lines.join("\n") };
        lines.push(event.text);
        continue;
      }
      if (!event.text.endsWith("\\")) return { type: "line", text: [...lines, event.text].join("\n") };
      lines.push(event.text.slice(0, -1));
    }
  }

  async #next(signal: AbortSignal | undefined): Promise<Event> {
    signal?.throwIfAborted();
    const source = this.#open();
    const line = this.#lines.shift();
    if (line !== undefined) return { type: "line", text: line };
    if (this.#ended) return { type: "eof" };
    source.resume();
    const interrupted = await this.#something(signal);
    source.pause();
    return interrupted ? { type: "interrupt" } : this.#next(signal);
  }

  /** Waits for a line, the end, an abort or Ctrl-C; true for the last. */
  async #something(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      const settle = (interrupted: boolean): void => {
        process.off("SIGINT", onInterrupt);
        signal?.removeEventListener("abort", onAbort);
        resolve(interrupted);
      };
      const onInterrupt = (): void => {
        this.#output.write("\n");
        settle(true);
      };
      const onAbort = (): void => {
        settle(false);
      };
      process.on("SIGINT", onInterrupt);
      signal?.addEventListener("abort", onAbort);
      this.#wake = onAbort;
    });
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
