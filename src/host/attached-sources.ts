import type { SourceShelf } from "../agent/deps.ts";
import { MemGPTError, describe } from "../errors.ts";
import type { PassageCollection } from "../ports/archival.ts";
import type { NoticeSink } from "../ports/notices.ts";
import type { SourceStore } from "../ports/source.ts";
import type { Household } from "./household.ts";
import { lazyEmbedder } from "./lazy-embedder.ts";

type Opened = { readonly store: SourceStore; readonly collection: PassageCollection };

/** The sources that one agent searches. Each is opened when first needed and has its own embedder. */
export class AttachedSources implements SourceShelf {
  readonly #house: Pick<Household, "sources" | "embedder">;
  readonly #notify: NoticeSink;
  readonly #agent: string;
  readonly #opened = new Map<string, Opened>();
  /** Sources that a notice has reported missing. */
  readonly #missed = new Set<string>();

  /** @param agent The agent's name, for notices. */
  constructor(house: Pick<Household, "sources" | "embedder">, agent: string, notify: NoticeSink) {
    this.#house = house;
    this.#agent = agent;
    this.#notify = notify;
  }

  async open(name: string): Promise<PassageCollection> {
    const known = this.collection(name);
    if (known !== undefined) return known;
    const store = await this.#house.sources.open(name, this.#notify);
    const { embedding } = await store.settings();
    const embedder = lazyEmbedder(() => this.#house.embedder(embedding));
    const origins: PassageCollection["origins"] = (ids) => store.origins(ids);
    const collection = { source: name, archival: store.archival, embedder, origins };
    this.#opened.set(name, { store, collection });
    return collection;
  }

  async prepare(names: readonly string[]): Promise<string[]> {
    const notices: string[] = [];
    for (const name of names) {
      await this.open(name).catch((error: unknown) => {
        if (this.#missed.has(name)) return;
        this.#missed.add(name);
        const isMissing = error instanceof MemGPTError && error.code === "not_found";
        const reason = isMissing
          ? `There is no source named ${name}. \`memgpt detach ${this.#agent} ${name}\` ends this notice.`
          : describe(error);
        notices.push(`The attached source ${name} is not searched. ${reason}`);
      });
    }
    return notices;
  }

  collection(name: string): PassageCollection | undefined {
    return this.#opened.get(name)?.collection;
  }

  async close(): Promise<void> {
    const opened = [...this.#opened.values()];
    this.#opened.clear();
    await Promise.all(opened.map(({ store }) => store.close()));
  }
}
