import { type ListRequest, MemGPTError, type Passage } from "../../index.ts";
import { type AgentEntry, archiveOf } from "./agents.ts";
import { archivesOf, storeOf } from "./archives.ts";
import { bareId } from "./ids.ts";
import type { Owner } from "./owners.ts";

/** An archive's passages: the agent that holds them, and what those that it is attached to call it. */
type Store = { readonly entry: AgentEntry; readonly archiveId: string; readonly source?: string };

/** An agent's own passages, then those of its archives. */
async function storesOf(owner: Owner, entry: AgentEntry): Promise<Store[]> {
  const attached = await archivesOf(owner, entry);
  return [
    { entry, archiveId: archiveOf(entry.id) },
    ...attached.map(({ archive, source, entry: store }) => ({ entry: store, archiveId: archive.id, source })),
  ];
}

/** The store that holds a passage which the agent can read. @throws MemGPTError `not_found`. */
export async function storeWith(owner: Owner, entry: AgentEntry, passage: string): Promise<Store> {
  const id = bareId("passage", passage) ?? passage;
  for (const store of await storesOf(owner, entry)) {
    if ((await owner.read(store.entry, ({ archival }) => archival.get(id))) !== undefined) return store;
  }
  throw new MemGPTError("not_found", `${entry.name} has no passage ${passage}.`);
}

export type ListedPassage = Passage & Pick<Store, "archiveId">;

/** Read at a time, where a search text leaves most of them out. */
const AT_A_TIME = 500;

type Listing = ListRequest & { readonly search?: string | undefined };

/** Passages in order, the agent's own before those of its archives; with `search`, only those that contain it, ignoring case. */
export async function listPassages(
  owner: Owner,
  entry: AgentEntry,
  { search = "", count, newestFirst, after, before }: Listing,
): Promise<ListedPassage[]> {
  const stores = await storesOf(owner, entry);
  // With `before` alone, the passages wanted are the last ones before it: they are read backwards.
  const isBackwards = before !== undefined && after === undefined;
  const isDown = newestFirst !== isBackwards;
  let cursor = after ?? before;
  let rest = isDown ? stores.toReversed() : stores;
  while (cursor !== undefined && rest[0] !== undefined && !(await hasPlace(owner, rest[0], cursor)))
    rest = rest.slice(1);
  const found: ListedPassage[] = [];
  for (const { entry: store, archiveId } of rest) {
    while (found.length < count) {
      const size = search === "" ? count - found.length : AT_A_TIME;
      const request = { newestFirst: isDown, count: size, after: cursor };
      const some = await owner.read(store, ({ archival }) => archival.list(request));
      const fitting = some.filter(({ text }) => text.toLowerCase().includes(search.toLowerCase()));
      found.push(...fitting.map((passage) => ({ ...passage, archiveId })));
      cursor = some.at(-1)?.id;
      if (some.length < size) break;
    }
    cursor = undefined;
  }
  const page = found.slice(0, count);
  if (isBackwards) return page.reverse();
  const end = page.findIndex(({ id }) => id === before);
  return end === -1 ? page : page.slice(0, end);
}

/** Whether a passage is in a store, or was before it was removed. */
async function hasPlace(owner: Owner, { entry }: Store, id: string): Promise<boolean> {
  return owner.read(entry, async ({ archival }) => {
    if ((await archival.get(id)) !== undefined) return true;
    const beside = [{ after: id }, { before: id }].map((at) => archival.list({ newestFirst: false, count: 1, ...at }));
    return (await Promise.all(beside)).flat().length > 0;
  });
}

export type PassageQuery = {
  readonly query: string;
  readonly tags: readonly string[];
  readonly mode: "any" | "all";
  readonly count: number;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

export type FoundPassage = Passage & {
  /** Null for a passage of a folder. */
  readonly archiveId: string | null;
  /** The name of an attached folder or archive; null for an agent's own passages. */
  readonly source: string | null;
  readonly score: number;
  readonly signals: Readonly<Record<string, number>>;
};

/** Searches an agent's memory as the agent does, one archive, or the memories of all agents; best first. */
export async function searchPassages(
  owner: Owner,
  { agentId, archiveId }: { readonly agentId?: string | undefined; readonly archiveId?: string | undefined },
  query: PassageQuery,
): Promise<FoundPassage[]> {
  const search = async (entry: AgentEntry): Promise<FoundPassage[]> => searchAgent(owner, entry, query);
  if (agentId !== undefined) return search(await owner.agents.get(agentId));
  if (archiveId !== undefined) {
    const found = await search(await storeOf(owner, archiveId));
    return found.filter(({ source }) => source === null).map((passage) => ({ ...passage, archiveId }));
  }
  const all = (await Promise.all((await owner.agents.list()).map(search))).flat();
  // What several agents search is found once.
  const best = new Map(all.sort((a, b) => b.score - a.score).map((passage) => [passage.id, passage]));
  return [...best.values()].slice(0, query.count);
}

/** An empty query gives the newest passages. */
async function searchAgent(owner: Owner, entry: AgentEntry, asked: PassageQuery): Promise<FoundPassage[]> {
  const { query, count, from, to } = asked;
  const stores = await storesOf(owner, entry);
  if (query.trim() === "") {
    const newest = stores.map(async ({ entry: store, archiveId, source = null }) =>
      (await owner.read(store, ({ archival }) => archival.latest(1000))).map((passage) => {
        return { ...passage, archiveId, source, score: 0, signals: {} };
      }),
    );
    const all = (await Promise.all(newest)).flat().filter(({ id }) => hasTags(owner, id, asked));
    return all.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, count);
  }
  const size = asked.tags.length === 0 ? count : 1000;
  const days = { ...(from === undefined ? {} : { from: day(from) }), ...(to === undefined ? {} : { to: day(to) }) };
  const { results } = await owner.memgpt.find(entry.folder, { query, in: "archival", size, ...days });
  const archives = new Map<string | null, string>(stores.map(({ source = null, archiveId }) => [source, archiveId]));
  const isWanted = ({ id, time }: { readonly id: string; readonly time: string }): boolean =>
    hasTags(owner, id, asked) && (from === undefined || time >= utc(from)) && (to === undefined || time <= utc(to));
  return results
    .filter(isWanted)
    .slice(0, count)
    .map(({ id, text, time, score, signals, source = null }) => {
      return { id, text, createdAt: time, score, signals, source, archiveId: archives.get(source) ?? null };
    });
}

function hasTags(owner: Owner, id: string, { tags, mode }: PassageQuery): boolean {
  const has = new Set(owner.passageNotes.of(id).tags);
  if (tags.length === 0) return true;
  return mode === "all" ? tags.every((tag) => has.has(tag)) : tags.some((tag) => has.has(tag));
}

function utc(time: string): string {
  const parsed = new Date(time);
  if (Number.isNaN(parsed.getTime())) {
    throw new MemGPTError(
      "invalid_input",
      `Times must be ISO 8601 (got ${JSON.stringify(time.slice(0, 80))}). Nothing was searched.`,
    );
  }
  return parsed.toISOString();
}

function day(time: string): string {
  return utc(time).slice(0, 10);
}
