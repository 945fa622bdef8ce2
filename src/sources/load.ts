import { MemGPTError, describe } from "../errors.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { SourceStore } from "../ports/source.ts";
import type { SourceDocument, StoredDocument } from "../schema/source.ts";
import { Batches } from "./batches.ts";
import { type Input, Unreadable } from "./input.ts";
import { type Candidate, type FindOptions, OWN, type Origin, candidatesOf, hashOf, rootOf } from "./origins.ts";
import { Binary, openDocument } from "./read.ts";
import type { SplitPassage } from "./element.ts";
import { Pacing } from "./pacing.ts";
import { split } from "./split.ts";

export type LoadOptions = FindOptions & {
  /**
   * What becomes of documents that are not found again. `sync`: those of the same folders go, others stay; `append`: all
   * stay; `replace`: all go.
   */
  readonly mode: "sync" | "append" | "replace";
};

export type LoadTotals = {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Passages that were made. */
  readonly passages: number;
  /** Files that are no documents, such as pictures. */
  readonly binary: number;
  /** Documents that could not be read. */
  readonly failed: number;
};

export type LoadEvent =
  | {
      readonly type: "progress";
      readonly documents: number;
      readonly total: number | undefined;
      readonly passages: number;
      /** Read so far, of documents that were loaded before as well. */
      readonly bytes: number;
      readonly totalBytes: number | undefined;
    }
  /** All is stored; what searches it by its meaning is being built. */
  | { readonly type: "indexing" }
  /** `isBinary`: it is no document at all. */
  | { readonly type: "skipped"; readonly document: string; readonly reason: string; readonly isBinary: boolean }
  /** Something of a document could not be read; the rest of it was. */
  | { readonly type: "notice"; readonly document: string; readonly text: string }
  | ({ readonly type: "done" } & LoadTotals);

export type LoadContext = {
  readonly store: SourceStore;
  readonly embedder: Embedder;
  readonly now: () => string;
  readonly newId: () => string;
};

/**
 * Loads documents into a source: what is new is added, what changed is replaced, what is gone removed. What was loaded stays
 * when it is interrupted, and the next load goes on from there.
 *
 * @throws MemGPTError `interrupted` if `signal` is aborted; `not_found` for a path where there is nothing; what the embedder
 *   throws.
 */
export async function* load(
  origins: readonly Origin[],
  options: LoadOptions,
  context: LoadContext,
): AsyncGenerator<LoadEvent, void, void> {
  yield* new Loading(origins, options, context).run();
}

class Loading {
  readonly #origins: readonly Origin[];
  readonly #options: LoadOptions;
  readonly #context: LoadContext;
  readonly #batches: Batches;
  readonly #seen = new Set<string>();
  readonly #roots: ReadonlySet<string>;
  /** Documents that could not be read to their end. */
  readonly #failed = new Set<string>();
  readonly #pacing = new Pacing();
  readonly #events: LoadEvent[] = [];
  readonly #count = { added: 0, changed: 0, unchanged: 0, binary: 0, failed: 0 };
  #documents = 0;
  #bytes = 0;
  #total: { readonly documents: number; readonly bytes: number } | undefined;

  constructor(origins: readonly Origin[], options: LoadOptions, context: LoadContext) {
    this.#origins = origins;
    this.#options = options;
    this.#context = context;
    this.#roots = new Set(origins.map(rootOf));
    this.#batches = new Batches({
      ...context,
      signal: options.signal,
      notify: ({ root, name }, text) => {
        this.#events.push({ type: "notice", document: root.startsWith(OWN) ? root.slice(OWN.length) : name, text });
      },
    });
  }

  async *run(): AsyncGenerator<LoadEvent, void, void> {
    try {
      yield* this.#all();
    } catch (error) {
      if (this.#options.signal?.aborted === true) throw this.#stopped();
      if (!(error instanceof MemGPTError) || this.#batches.stored === 0) throw error;
      throw new MemGPTError(error.code, `${error.message} ${this.#kept()}`, { cause: error });
    }
  }

  async *#all(): AsyncGenerator<LoadEvent, void, void> {
    const known = await this.#namesBefore();
    this.#total = await this.#totalOf();
    for (const origin of this.#origins) {
      for await (const candidate of this.#candidates(origin)) {
        this.#checkStopped();
        const before = this.#bytes;
        yield* this.#load(candidate, known);
        this.#documents += 1;
        this.#bytes = before + candidate.size;
        yield* this.#events.splice(0);
        yield this.#progress();
      }
    }
    await this.#batches.end();
    yield* this.#events.splice(0);
    const removed = await this.#drop();
    yield { type: "done", ...this.#count, removed, passages: this.#batches.stored };
  }

  async *#load(candidate: Candidate, known: ReadonlySet<string>): AsyncGenerator<LoadEvent, void, void> {
    const { root, name } = candidate;
    const key = keyOf(candidate);
    this.#seen.add(key);
    try {
      const input = await candidate.open();
      const hash = await hashOf(input);
      const before = await this.#context.store.document(root, name, hash);
      if (before?.isComplete === true) {
        this.#count.unchanged += 1;
        return;
      }
      const { kind, elements } = await openDocument(this.#counted(input), (text) => {
        this.#events.push({ type: "notice", document: name, text });
      });
      const passages = withVector(split(elements), input.embedding);
      yield* this.#store({ root, name, kind, hash, bytes: input.size }, passages, before?.passages ?? 0);
      this.#count[known.has(key) ? "changed" : "added"] += 1;
    } catch (error) {
      this.#skip(name, error);
      this.#failed.add(key);
    }
  }

  /** @param skip How many passages an interrupted load stored: splitting it again gives the same. */
  async *#store(
    document: SourceDocument,
    passages: ReturnType<typeof withVector>,
    skip: number,
  ): AsyncGenerator<LoadEvent, void, void> {
    let position = 0;
    let shown = this.#batches.stored;
    for await (const { text, page = null, line = null, heading = null, given } of passages) {
      position += 1;
      if (position <= skip) continue;
      const { newId, now } = this.#context;
      const passage = { id: newId(), createdAt: now(), text, position, page, line, heading };
      await this.#batches.add(document, passage, given);
      await this.#pacing.pause();
      this.#checkStopped();
      if (this.#batches.stored === shown) continue;
      shown = this.#batches.stored;
      yield this.#progress();
    }
    if (position === 0) throw new Unreadable("it has no text");
    await this.#batches.endDocument(document);
  }

  #progress(): LoadEvent {
    const { documents: total, bytes: totalBytes } = this.#total ?? {};
    const [documents, passages, bytes] = [this.#documents, this.#batches.stored, this.#bytes];
    return { type: "progress", documents, total, passages, bytes, totalBytes };
  }

  /** The same input, which counts what is read of it. */
  #counted(input: Input): Input {
    const add = (bytes: number): void => {
      this.#bytes += bytes;
    };
    const counting = async function* (): AsyncGenerator<Uint8Array, void, void> {
      for await (const chunk of input.chunks()) {
        add(chunk.length);
        yield chunk;
      }
    };
    return { ...input, chunks: counting };
  }

  /** A document that cannot be read does not keep the next from being loaded. What else fails is not its fault. */
  #skip(document: string, error: unknown): void {
    const isItsOwn =
      error instanceof Unreadable || (error instanceof MemGPTError && isFetching(error)) || isFileError(error);
    if (!isItsOwn) throw error;
    this.#batches.abandonDocument();
    const isBinary = error instanceof Binary;
    this.#count[isBinary ? "binary" : "failed"] += 1;
    this.#events.push({ type: "skipped", document, reason: describe(error), isBinary });
  }

  #candidates(origin: Origin): AsyncGenerator<Candidate, void, void> {
    return candidatesOf(origin, {
      ...this.#options,
      onError: (path, reason) => {
        this.#count.failed += 1;
        this.#events.push({ type: "skipped", document: path, reason, isBinary: false });
      },
    });
  }

  /** How much there is, where that can be known before it is read. */
  async #totalOf(): Promise<{ readonly documents: number; readonly bytes: number } | undefined> {
    let [documents, bytes] = [0, 0];
    for (const origin of this.#origins) {
      if (typeof origin !== "string") return undefined;
      for await (const { size } of candidatesOf(origin, { ...this.#options, onError: () => undefined })) {
        documents += 1;
        bytes += size;
      }
    }
    return { documents, bytes };
  }

  async #namesBefore(): Promise<ReadonlySet<string>> {
    const names = new Set<string>();
    for await (const document of this.#context.store.documents()) if (document.isComplete) names.add(keyOf(document));
    return names;
  }

  async #drop(): Promise<number> {
    const { mode } = this.#options;
    const isHalf = (document: StoredDocument): boolean => !document.isComplete && this.#failed.has(keyOf(document));
    const isGone = (document: StoredDocument): boolean =>
      !this.#seen.has(keyOf(document)) && (mode === "replace" || (mode === "sync" && this.#roots.has(document.root)));
    const gone = new Set<string>();
    await this.#context.store.drop((document) => {
      if (isGone(document)) gone.add(keyOf(document));
      return !isGone(document) && !isHalf(document);
    });
    return gone.size;
  }

  #checkStopped(): void {
    if (this.#options.signal?.aborted === true) throw this.#stopped();
  }

  #stopped(): MemGPTError {
    return new MemGPTError("interrupted", `Stopped. ${this.#kept()}`);
  }

  #kept(): string {
    const passages = this.#batches.stored.toLocaleString("en-US");
    return `What was loaded is kept (${passages} passages), and loading again goes on from there.`;
  }
}

/** The passages, the only one with the vector that came with the text. */
async function* withVector(
  passages: AsyncIterable<SplitPassage>,
  given: readonly number[] | undefined,
): AsyncGenerator<SplitPassage & { readonly given?: readonly number[] | undefined }, void, void> {
  let held: SplitPassage | undefined;
  let isOnly = true;
  for await (const passage of passages) {
    if (held !== undefined) {
      isOnly = false;
      yield held;
    }
    held = passage;
  }
  if (held !== undefined) yield isOnly ? { ...held, given } : held;
}

function keyOf({ root, name }: { readonly root: string; readonly name: string }): string {
  return `${root}\n${name}`;
}

function isFetching({ code }: MemGPTError): boolean {
  return code === "not_found" || code === "invalid_input";
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && "code" in error && "syscall" in error;
}
