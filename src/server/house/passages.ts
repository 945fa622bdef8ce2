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

/** Keeps texts in an agent's archival memory. @returns the passages that they became, in their order. */
export async function addPassages(owner: Owner, entry: AgentEntry, texts: readonly NewPassage[]): Promise<Passage[]> {
  return owner.use(entry, async (agent) => {
    const added = texts.map(({ text, created_at }) => ({
      text,
      ...(created_at == null ? {} : { createdAt: created_at }),
    }));
    const ids = await agent.addPassages(added);
    for (const [index, { tags, metadata }] of texts.entries()) {
      if ((tags ?? []).length === 0 && metadata == null) continue;
      owner.passageNotes.put(ids[index] ?? [], { tags: [...(tags ?? [])], metadata: { ...metadata } });
    }
    return passagesOf(agent, ids.flat());
  });
}

/** Puts a text in place of a passage, with the same tags and metadata. @returns what it became. @throws MemGPTError `not_found`. */
export async function replacePassage(owner: Owner, entry: AgentEntry, id: string, text: string): Promise<Passage[]> {
  const old = bareId("passage", id) ?? id;
  return owner.use(entry, async (agent) => {
    const ids = await agent.replacePassage(old, text);
    owner.passageNotes.put(ids, owner.passageNotes.of(old));
    return passagesOf(agent, ids);
  });
}

async function passagesOf(agent: Agent, ids: readonly string[]): Promise<Passage[]> {
  const found = await Promise.all(ids.map((id) => agent.archival.get(id)));
  return found.filter((passage) => passage !== undefined);
}

/** A store of passages, and what it is called. */
export type PassageStore = { readonly entry: AgentEntry; readonly archiveId: string };

/** What a search goes through: an agent's own passages and its archives, one archive, or all there are. */
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

/** Passages in their order, or those of them that have a text in them. */
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

/** Searches as the agent does; without words, the newest passages. */
export async function searchPassages(
  owner: Owner,
  entry: AgentEntry,
  { query, tags, mode, count, from, to }: PassageQuery,
): Promise<FoundPassage[]> {
  const hasTags = (id: string): boolean => {
    const its = owner.passageNotes.of(id).tags;
    if (tags.length === 0) return true;
    return mode === "all" ? tags.every((tag) => its.includes(tag)) : tags.some((tag) => its.includes(tag));
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

function utc(time: string): string {
  const parsed = new Date(time);
  if (Number.isNaN(parsed.getTime())) {
    throw new MemGPTError(
      "invalid_input",
      `${JSON.stringify(time.slice(0, 80))} is not a time: write it as ISO 8601. Nothing was searched.`,
    );
  }
  // A day alone means all of it where it is the end.
  return parsed.toISOString();
}

function day(time: string): string {
  return utc(time).slice(0, 10);
}
