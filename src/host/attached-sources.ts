import type { SourceShelf } from "../agent/deps.ts";
import { MemGPTError, describe } from "../errors.ts";
import type { PassageCollection } from "../ports/archival.ts";
import type { NoticeSink } from "../ports/notices.ts";
import type { SourceStore } from "../ports/source.ts";
import { HASH_EMBEDDING } from "../schema/built-in.ts";
import { agentBehind } from "../schema/hidden-name.ts";
import type { Household } from "./household.ts";
import { lazyEmbedder } from "./lazy-embedder.ts";

type House = Pick<Household, "sources" | "repository" | "embedder">;
type Opened = { readonly store: Pick<SourceStore, "close">; readonly collection: PassageCollection };

/** The sources that one agent searches, and the archives, which are the passages of other agents. Each has its own embedder. */
export class AttachedSources implements SourceShelf {
  readonly #house: House;
  readonly #notify: NoticeSink;
  readonly #agent: string;
  readonly #opened = new Map<string, Opened>();
  /** Sources that a notice has reported missing. */
  readonly #missed = new Set<string>();

  /** @param agent The agent's name, for notices. */
  constructor(house: House, agent: string, notify: NoticeSink) {
    this.#house = house;
    this.#agent = agent;
    this.#notify = notify;
  }

  async open(name: string): Promise<PassageCollection> {
    const agent = agentBehind(name);
    const opened = await (agent === undefined ? this.#source(name) : this.#archive(name, agent));
    // It may have been deleted, and another made under its name.
    const old = this.#opened.get(name);
    this.#opened.set(name, opened);
    await old?.store.close();
    return opened.collection;
  }

  async #source(name: string): Promise<Opened> {
    const store = await this.#house.sources.open(name, this.#notify);
    const { embedding } = await store.settings();
    const embedder = lazyEmbedder(() => this.#house.embedder(embedding));
    const origins: PassageCollection["origins"] = (ids) => store.origins(ids);
    return { store, collection: { source: name, archival: store.archival, embedder, origins } };
  }

  async #archive(name: string, agent: string): Promise<Opened> {
    const store = await this.#house.repository.read(agent, { notify: this.#notify }).catch((error: unknown) => {
      const isMissing = error instanceof MemGPTError && error.code === "agent_not_found";
      throw isMissing ? new MemGPTError("not_found", `There is no archive ${name}.`, { cause: error }) : error;
    });
    const { embedding = HASH_EMBEDDING } = (await store.history.load())?.settings ?? {};
    const embedder = lazyEmbedder(() => this.#house.embedder(embedding));
    return { store, collection: { source: name, archival: store.archival, embedder } };
  }

  async prepare(names: readonly string[]): Promise<string[]> {
    const notices: string[] = [];
    for (const name of names.filter((one) => !this.#opened.has(one))) {
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
