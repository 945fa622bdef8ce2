import type { ArchivalQuery, ArchivalStorage, CollectionInfo, Searchable } from "../../ports/archival.ts";
import type { Hit, ListRequest, Page, PageRequest } from "../../schema/page.ts";
import type { Passage } from "../../schema/passage.ts";
import { hidingPassages, shownOf } from "../hiding.ts";
import { type LatePassageSearch, latePassageSearch } from "./late-search.ts";

/** A view of archival storage without some of its passages. */
export class HidingArchivalStorage implements ArchivalStorage {
  readonly #whole: ArchivalStorage;
  readonly #hidden: ReadonlySet<string>;
  readonly #search: LatePassageSearch;
  readonly searchable: Searchable;

  /** @param searchable That of `whole`. Its `vectorsFor` includes hidden passages. */
  constructor(whole: ArchivalStorage, ids: readonly string[], searchable: Searchable) {
    this.#whole = whole;
    this.#hidden = new Set(ids);
    this.searchable = { ...searchable, passages: hidingPassages(searchable.passages, ids) };
    this.#search = latePassageSearch(this.searchable.passages);
  }

  async search(query: ArchivalQuery, page: PageRequest): Promise<Page<Hit<Passage>>> {
    const { vectorsFor, guard } = this.searchable;
    return guard(async () => (await this.#search()).search(query, page, vectorsFor));
  }

  async latest(count: number): Promise<Passage[]> {
    const found = await this.#whole.latest(count + this.#hidden.size);
    return found.filter(({ id }) => !this.#hidden.has(id)).slice(0, count);
  }

  async list(request: ListRequest): Promise<Passage[]> {
    return shownOf(request, this.#hidden, (wider) => this.#whole.list(wider));
  }

  async *all(): AsyncGenerator<Passage, void, void> {
    for await (const passage of this.#whole.all()) if (!this.#hidden.has(passage.id)) yield passage;
  }

  async get(id: string): Promise<Passage | undefined> {
    return this.#hidden.has(id) ? undefined : this.#whole.get(id);
  }

  async size(): Promise<number> {
    const hidden = await Promise.all([...this.#hidden].map((id) => this.#whole.get(id)));
    return (await this.#whole.size()) - hidden.filter((it) => it !== undefined).length;
  }

  without(ids: readonly string[]): ArchivalStorage {
    return this.#whole.without([...this.#hidden, ...ids]);
  }

  async collection(): Promise<CollectionInfo> {
    return this.#whole.collection();
  }

  async accepts(model: string): Promise<boolean> {
    return this.#whole.accepts(model);
  }

  async usesVector(text: string, model: string): Promise<boolean> {
    return this.#whole.usesVector(text, model);
  }
}
