import { type Agent, type ListRequest, MemGPTError, type Passage } from "../../index.ts";
import { type AgentEntry, archiveOf } from "./agents.ts";
import { storeOf } from "./archives.ts";
import { bareId } from "./ids.ts";
import type { Owner } from "./owners.ts";

export type NewPassage = {
  readonly text: string;
  readonly tags?: readonly string[] | null | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  readonly created_at?: string | null | undefined;
};

/** Adds texts to an agent's archival memory. @returns the passages they were split into, in order. */
export async function addPassages(owner: Owner, entry: AgentEntry, texts: readonly NewPassage[]): Promise<Passage[]> {
  return owner.use(entry, async (agent) => {
    const added = texts.map(({ text, created_at }) => ({
      text,
      ...(created_at == null ? {} : { createdAt: created_at }),
    }));
    const ids = await agent.addPassages(added);
    for (const [index, { tags, metadata }] of texts.entries()) {
      if ((tags ?? []).length === 0 && metadata == null) continue;
      await owner.passageNotes.put(ids[index] ?? [], { tags: [...(tags ?? [])], metadata: { ...metadata } });
    }
    return passagesOf(agent, ids.flat());
  });
}

/**
 * Replaces a passage's text; its tags and metadata stay.
 *
 * @returns the passages the text was split into. @throws MemGPTError `not_found`.
 */
export async function replacePassage(owner: Owner, entry: AgentEntry, id: string, text: string): Promise<Passage[]> {
  const old = bareId("passage", id) ?? id;
  return owner.use(entry, async (agent) => {
    const ids = await agent.replacePassage(old, text);
    await owner.passageNotes.put(ids, owner.passageNotes.of(old));
    return passagesOf(agent, ids);
  });
}

async function passagesOf(agent: Agent, ids: readonly string[]): Promise<Passage[]> {
  const found = await Promise.all(ids.map((id) => agent.archival.get(id)));
  return found.filter((passage) => passage !== undefined);
}

/** An agent whose archival memory holds an archive's passages, and the archive's id. */
export type PassageStore = { readonly entry: AgentEntry; readonly archiveId: string };

/** The stores to search: an agent's own passages and its archives, one archive, or those of all agents. */
export async function passageStores(
  owner: Owner,
  { agentId, archiveId }: { readonly agentId?: string | undefined; readonly archiveId?: string | undefined },
): Promise<PassageStore[]> {
  if (archiveId !== undefined) return [{ entry: await storeOf(owner, archiveId), archiveId }];
  const of = async (entry: AgentEntry): Promise<PassageStore[]> => [
    { entry, archiveId: archiveOf(entry.id) },
    ...(await Promise.all(entry.archives.map(async (id) => ({ entry: await storeOf(owner, id), archiveId: id })))),
  ];
  if (agentId !== undefined) return of(await owner.agents.get(agentId));
  return (await Promise.all((await owner.agents.list()).map(of))).flat();
}

/** Passages in order; with `search`, only those that contain it, ignoring case. */
export async function listPassages(
  owner: Owner,
  entry: AgentEntry,
  { search, ...request }: ListRequest & { readonly search?: string | undefined },
): Promise<Passage[]> {
  return owner.read(entry, async ({ archival }) => {
    if (search === undefined || search === "") return archival.list(request);
    const found: Passage[] = [];
    let { after } = request;
    for (;;) {
      const some = await archival.list({ ...request, after, count: 500 });
      found.push(...some.filter(({ text }) => text.toLowerCase().includes(search.toLowerCase())));
      after = some.at(-1)?.id;
      if (some.length < 500 || found.length >= request.count || request.before !== undefined) break;
    }
    return found.slice(0, request.count);
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

export type FoundPassage = {
  readonly id: string;
  readonly text: string;
  readonly time: string;
  readonly score: number;
  readonly signals: Readonly<Record<string, number>>;
};

/** Searches as the agent does; an empty query returns the newest passages. */
async function searchPassages(
  owner: Owner,
  entry: AgentEntry,
  { query, tags, mode, count, from, to }: PassageQuery,
): Promise<FoundPassage[]> {
  const hasTags = (id: string): boolean => {
    const passageTags = owner.passageNotes.of(id).tags;
    if (tags.length === 0) return true;
    return mode === "all"
      ? tags.every((tag) => passageTags.includes(tag))
      : tags.some((tag) => passageTags.includes(tag));
  };
  if (query.trim() === "") {
    const newest = await owner.read(entry, ({ archival }) => archival.latest(1000));
    return newest
      .filter(({ id }) => hasTags(id))
      .slice(0, count)
      .map(({ id, text, createdAt }) => ({ id, text, time: createdAt, score: 0, signals: {} }));
  }
  const size = tags.length === 0 ? count : 1000;
  const days = { ...(from === undefined ? {} : { from: day(from) }), ...(to === undefined ? {} : { to: day(to) }) };
  const { results } = await owner.memgpt.find(entry.folder, { query, in: "archival", size, ...days });
  return results
    .filter(
      ({ id, time }) =>
        hasTags(id) && (from === undefined || time >= utc(from)) && (to === undefined || time <= utc(to)),
    )
    .slice(0, count);
}

/** Searches several stores, best first. */
export async function searchStores(
  owner: Owner,
  stores: readonly PassageStore[],
  query: PassageQuery,
): Promise<(FoundPassage & Pick<PassageStore, "archiveId">)[]> {
  const found = await Promise.all(
    stores.map(async ({ entry, archiveId }) =>
      (await searchPassages(owner, entry, query)).map((hit) => ({ ...hit, archiveId })),
    ),
  );
  return found
    .flat()
    .sort((a, b) => b.score - a.score)
    .slice(0, query.count);
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
