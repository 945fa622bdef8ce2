import type { RecallQuery, RecallStorage, Session, Utterance } from "../../ports/recall.ts";
import type { Hit, ListRequest, Page, PageRequest, TimeRange } from "../../schema/page.ts";
import type { Conversation, TextVectors } from "../../ports/text-index.ts";
import type { Message } from "../../schema/message.ts";
import { hidingLines, shownOf } from "../hiding.ts";
import { type LateRecallSearch, lateRecallSearch } from "./late-search.ts";

type Source = {
  readonly conversation: Conversation;
  /** The vectors for a query, including those of hidden lines. */
  readonly vectorsFor: (query: RecallQuery) => Promise<TextVectors | undefined>;
  /** Runs a search, and may turn the database's errors into ours. */
  readonly guard: <T>(work: () => Promise<T>) => Promise<T>;
};

/** A view of recall storage without some of its messages. */
export class HidingRecallStorage implements RecallStorage {
  readonly #whole: RecallStorage;
  readonly #hidden: ReadonlySet<string>;
  readonly #search: LateRecallSearch;
  readonly #vectorsFor: Source["vectorsFor"];
  readonly #guard: Source["guard"];

  constructor(whole: RecallStorage, ids: readonly string[], { conversation, vectorsFor, guard }: Source) {
    this.#whole = whole;
    this.#hidden = new Set(ids);
    this.#search = lateRecallSearch(hidingLines(conversation, ids));
    this.#vectorsFor = vectorsFor;
    this.#guard = guard;
  }

  async search(query: RecallQuery, page: PageRequest): Promise<Page<Hit<Utterance>>> {
    return this.#guard(async () => (await this.#search()).search(query, page, this.#vectorsFor));
  }

  async searchSessions(query: RecallQuery, page: PageRequest): Promise<Page<Hit<Session>>> {
    return this.#guard(async () => (await this.#search()).searchSessions(query, page, this.#vectorsFor));
  }

  async usesVector(text: string, model: string): Promise<boolean> {
    return this.#whole.usesVector(text, model);
  }

  async around(id: string, count: number): Promise<Utterance[]> {
    const found = this.#shown(await this.#whole.around(id, count + this.#hidden.size));
    const at = found.findIndex((it) => it.id === id);
    return at < 0 ? [] : found.slice(Math.max(0, at - count), at + count + 1);
  }

  async speakers(): Promise<readonly string[]> {
    return this.#whole.speakers();
  }

  async searchDate(range: TimeRange, { page, size }: PageRequest): Promise<Page<Utterance>> {
    const end = (page + 1) * size;
    const found = await this.#whole.searchDate(range, { page: 0, size: end + this.#hidden.size });
    const hidden = await Promise.all([...this.#hidden].map((id) => this.#whole.around(id, 0)));
    const fewer = hidden.flat().filter(({ createdAt }) => isWithin(createdAt, range)).length;
    return { total: found.total - fewer, items: this.#shown(found.items).slice(page * size, end) };
  }

  async latest(count: number): Promise<Message[]> {
    const shown = this.#shown(await this.#whole.latest(count + this.#hidden.size));
    return shown.slice(Math.max(0, shown.length - count));
  }

  async list(request: ListRequest): Promise<Message[]> {
    return shownOf(request, this.#hidden, (wider) => this.#whole.list(wider));
  }

  async *all(): AsyncGenerator<Message, void, void> {
    for await (const message of this.#whole.all()) if (!this.#hidden.has(message.id)) yield message;
  }

  async get(id: string): Promise<Message | undefined> {
    return this.#hidden.has(id) ? undefined : this.#whole.get(id);
  }

  async size(): Promise<number> {
    const hidden = await Promise.all([...this.#hidden].map((id) => this.#whole.get(id)));
    return (await this.#whole.size()) - hidden.filter((it) => it !== undefined).length;
  }

  without(ids: readonly string[]): RecallStorage {
    return this.#whole.without([...this.#hidden, ...ids]);
  }

  #shown<T extends { readonly id: string }>(items: readonly T[]): T[] {
    return items.filter(({ id }) => !this.#hidden.has(id));
  }
}

function isWithin(time: string, { from, to }: TimeRange): boolean {
  const at = Date.parse(time);
  return (from === undefined || at >= Date.parse(from)) && (to === undefined || at < Date.parse(to));
}
