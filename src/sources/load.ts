import { MemGPTError } from "../errors.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { SourceStore } from "../ports/source.ts";
import type { SourceDocument, StoredDocument } from "../schema/source.ts";
import { Batches } from "./batches.ts";
import { Binary, type Input, Unreadable, fileProblem } from "./input.ts";
import { type Candidate, type FindOptions, OWN, type Origin, candidatesOf, hashOf, rootOf } from "./origins.ts";
import { openDocument } from "./read.ts";
import { Reader } from "./reader.ts";
import { type GivenPassage, withVector } from "./given-vectors.ts";
import type { LoadEvent } from "./load-events.ts";
import { Pacing } from "./pacing.ts";
import { SecretFound, type SecretsPolicy, SecretsScreen } from "./secrets.ts";
import { split } from "./split.ts";

export type LoadOptions = FindOptions & {
  /**
   * What happens to stored documents that this load does not find. `sync`: those of the same folders are removed; `append`: all
   * stay; `replace`: all are removed.
   */
  readonly mode: "sync" | "append" | "replace";
  readonly secrets: SecretsPolicy;
};

export type LoadContext = {
  readonly store: SourceStore;
  readonly embedder: Embedder;
  readonly now: () => string;
  readonly newId: () => string;
};

/**
 * Loads documents into a source: adds new ones, replaces changed ones, and removes missing ones according to `mode`. If
 * interrupted, it keeps what is loaded, and the next load continues from there.
 *
 * @throws MemGPTError `interrupted` if `signal` is aborted; `not_found` for a path that does not exist; what the embedder throws.
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
  readonly #roots: Set<string>;
  /** Documents that could not be read to their end. */
  readonly #failed = new Set<string>();
  /** Documents left out because they contain a secret. */
  readonly #withheld = new Set<string>();
  readonly #pacing = new Pacing();
  readonly #secrets: SecretsScreen;
  readonly #reader: Reader;
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
    this.#secrets = new SecretsScreen(options.secrets);
    this.#reader = new Reader(options.signal);
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
    } finally {
      this.#reader.close();
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

  /** @param isRedacted Whether the document is known to have secrets, without which it is stored. */
  async *#load(candidate: Candidate, known: ReadonlySet<string>, isRedacted = false): AsyncGenerator<LoadEvent> {
    const { root, name } = candidate;
    const key = keyOf(candidate);
    const screen = this.#secrets.of(name, isRedacted);
    this.#seen.add(key);
    try {
      const input = await candidate.open();
      const sum = await hashOf(input);
      if (await this.#isStored(candidate, sum)) {
        this.#count.unchanged += 1;
        return;
      }
      const hash = this.#secrets.sumOf(sum, isRedacted);
      const before = await this.#context.store.document(root, name, hash);
      const { kind, elements } = await openDocument(this.#counted(input), this.#reader, (text) => {
        this.#events.push({ type: "notice", document: name, text });
      });
      const passages = withVector(split(screen.screened(elements)), () =>
        screen.count === 0 ? input.embedding : undefined,
      );
      yield* this.#store({ root, name, kind, hash, bytes: input.size }, passages, before?.passages ?? 0);
      this.#count[known.has(key) ? "changed" : "added"] += 1;
      if (screen.count > 0) this.#events.push({ ...screen.found, choice: "redact" });
    } catch (error) {
      if (error instanceof SecretFound) {
        this.#batches.abandonDocument();
        if (error.choice !== "skip") {
          yield* this.#load(candidate, known, error.choice === "redact");
          return;
        }
        this.#withheld.add(key);
        this.#events.push({ ...screen.found, choice: "skip" });
        return;
      }
      this.#skip(name, error);
      this.#failed.add(key);
    }
  }

  /** Whether the source has this version of the document, complete and with secrets treated as required. */
  async #isStored({ root, name }: Candidate, sum: string): Promise<boolean> {
    for (const hash of this.#secrets.sumsOf(sum)) {
      if ((await this.#context.store.document(root, name, hash))?.isComplete === true) return true;
    }
    return false;
  }

  /** @param skip Number of passages that an interrupted load stored. Splitting is deterministic, so they are the first ones. */
  async *#store(
    document: SourceDocument,
    passages: AsyncIterable<GivenPassage>,
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

  /** The same input, counting the bytes read. */
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

  /** Skips a document that cannot be read. Rethrows errors that are not the document's. */
  #skip(document: string, error: unknown): void {
    const isItsOwn =
      error instanceof Unreadable || (error instanceof MemGPTError && isFetching(error)) || isFileError(error);
    if (!isItsOwn) throw error;
    this.#batches.abandonDocument();
    const isBinary = error instanceof Binary;
    this.#count[isBinary ? "binary" : "failed"] += 1;
    this.#events.push({ type: "skipped", document, reason: fileProblem(error), isBinary });
  }

  /** Documents whose names hold a secret come without it, or not at all. */
  async *#candidates(origin: Origin): AsyncGenerator<Candidate, void, void> {
    const found = candidatesOf(origin, {
      ...this.#options,
      onError: (path, reason) => {
        this.#count.failed += 1;
        this.#events.push({ type: "skipped", document: path, reason, isBinary: false });
      },
    });
    for await (const candidate of found) {
      try {
        const names = await this.#secrets.namesOf(candidate);
        this.#roots.add(names.root);
        yield { ...candidate, ...names };
      } catch (error) {
        if (!(error instanceof SecretFound)) throw error;
        this.#withheld.add(keyOf(candidate));
      }
    }
  }

  /** Number and size of the documents, if all origins are known before they are read. */
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
    for await (const document of this.#context.store.documents()) {
      if (document.isComplete) names.add(keyOf(document));
      this.#secrets.noteStored(document);
    }
    return names;
  }

  async #drop(): Promise<number> {
    const { mode } = this.#options;
    const isHalf = (document: StoredDocument): boolean => !document.isComplete && this.#failed.has(keyOf(document));
    const isGone = (document: StoredDocument): boolean =>
      this.#withheld.has(keyOf(document)) ||
      (!this.#seen.has(keyOf(document)) && (mode === "replace" || (mode === "sync" && this.#roots.has(document.root))));
    const removed = new Set<string>();
    await this.#context.store.drop((document) => {
      if (isGone(document) && document.isComplete) removed.add(keyOf(document));
      return !isGone(document) && !isHalf(document);
    });
    if (this.#secrets.removesStored && removed.size + this.#count.changed > 0) await this.#context.store.scrub();
    return removed.size;
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

function keyOf({ root, name }: { readonly root: string; readonly name: string }): string {
  return `${root}\n${name}`;
}

function isFetching({ code }: MemGPTError): boolean {
  return code === "not_found" || code === "invalid_input";
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && "code" in error && "syscall" in error;
}
