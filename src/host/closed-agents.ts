import { type FindResult, find as findIn } from "../agent/find.ts";
import { type FindAllResult, findAll as findAllIn } from "../agent/find-all.ts";
import type { FindAllRequest, FindRequest } from "../agent/find-request.ts";
import { blockHistory } from "../agent/history.ts";
import { MemGPTError } from "../errors.ts";
import { peopleIn } from "../memory/people.ts";
import type { ArchivalStorage, PassageCollection } from "../ports/archival.ts";
import type { Journal } from "../ports/journal.ts";
import { NoticeList } from "../ports/notices.ts";
import type { RecallStorage } from "../ports/recall.ts";
import type { AgentReader, ReadOptions } from "../ports/repository.ts";
import { HASH_EMBEDDING } from "../schema/built-in.ts";
import type { AgentState } from "../schema/state.ts";
import type { BlockEdit } from "../schema/timeline.ts";
import { Collections } from "../search/passages/collections.ts";
import { AttachedSources } from "./attached-sources.ts";
import { chosenEmbedding } from "./embedding-choice.ts";
import { type ExportOptions, exportText } from "./export.ts";
import type { Household } from "./household.ts";
import { type AgentInspection, inspectAgent, storedState } from "./inspect.ts";
import { lazyEmbedder } from "./lazy-embedder.ts";
import { type ReindexEvent, type ReindexOptions, reindex as reindexOpened } from "./reindex.ts";

// Reads, searches and maintains agents without opening them and without their model. Loaded on first use.

/** An agent's memory, read-only. */
export type AgentMemory = {
  readonly recall: RecallStorage;
  readonly archival: ArchivalStorage;
  readonly journal: Journal;
  /** The current state; undefined in a new store. */
  load(): Promise<AgentState | undefined>;
};

/** Runs `read` on an agent without opening it. */
export async function readAgent<T>(
  { repository }: Household,
  name: string,
  read: (reader: AgentReader) => Promise<T>,
  options: ReadOptions = {},
): Promise<T> {
  const reader = await repository.read(name, options);
  try {
    return await read(reader);
  } finally {
    await reader.close();
  }
}

export async function inspect(house: Household, name: string): Promise<AgentInspection> {
  const checkpoints = await house.repository.checkpoints(name);
  return readAgent(house, name, (reader) =>
    inspectAgent(name, reader, { checkpoints, current: (state) => house.blocks.current(state) }),
  );
}

export async function find(house: Household, name: string, request: FindRequest): Promise<FindResult> {
  const notices = new NoticeList();
  const search = async (reader: AgentReader): Promise<FindResult> => {
    // Conversations are searched even if the state is unreadable.
    const reading = storedState(name, reader);
    const state = await (request.in === "archival" ? reading : reading.catch(() => undefined));
    const embedder = lazyEmbedder(() => house.embedder(state?.settings.embedding ?? HASH_EMBEDDING));
    const people = peopleIn(state?.blocks ?? []);
    return withSources(house, state, notices, (attached) => {
      const collections = new Collections(
        { source: null, archival: reader.archival, embedder },
        attached,
        house.reranking(),
      );
      return findIn(request, reader.recall, { collections, people, notify: notices.add, now: house.now() });
    });
  };
  return withNotices(await readAgent(house, name, search, { notify: notices.add }), notices);
}

export async function findAll(house: Household, name: string, request: FindAllRequest): Promise<FindAllResult> {
  const notices = new NoticeList();
  const search = async (reader: AgentReader): Promise<FindAllResult> => {
    const state = await storedState(name, reader);
    const { settings } = state;
    const blocks = await house.blocks.current(state);
    const embedder = lazyEmbedder(() => house.embedder(settings.embedding));
    return withSources(house, state, notices, (attached) => {
      const collections = new Collections(
        { source: null, archival: reader.archival, embedder },
        attached,
        house.reranking(),
      );
      const finding = { collections, people: peopleIn(blocks), notify: notices.add, now: house.now() };
      return findAllIn(request, blocks, reader.recall, finding);
    });
  };
  return withNotices(await readAgent(house, name, search, { notify: notices.add }), notices);
}

/** Opens the attached sources for `search`, and closes them afterwards. */
async function withSources<T>(
  house: Household,
  state: AgentState | undefined,
  notices: NoticeList,
  search: (attached: readonly PassageCollection[]) => Promise<T>,
): Promise<T> {
  const names = state?.sources ?? [];
  const sources = new AttachedSources(house, state?.name ?? "AGENT", notices.add);
  try {
    for (const notice of await sources.prepare(names)) notices.add(notice);
    return await search(names.flatMap((name) => sources.collection(name) ?? []));
  } finally {
    await sources.close();
  }
}

function withNotices<T extends object>(
  found: T,
  { all }: NoticeList,
): T | (T & { readonly notices: readonly string[] }) {
  return all.length === 0 ? found : { ...found, notices: all };
}

export async function history(house: Household, name: string, label: string | undefined): Promise<BlockEdit[]> {
  return readAgent(house, name, async (reader) => blockHistory(await storedState(name, reader), reader, label));
}

export async function* exportAgent(
  { repository }: Household,
  name: string,
  options: ExportOptions,
): AsyncGenerator<string, void, void> {
  const reader = await repository.read(name, { snapshot: true });
  try {
    const state = { ...(await storedState(name, reader)), name: reader.name };
    const checkpoints = await repository.checkpoints(name);
    yield* exportText({ state, recall: reader.recall, archival: reader.archival, checkpoints }, options);
  } finally {
    await reader.close();
  }
}

export async function* reindex(
  house: Household,
  name: string,
  options: ReindexOptions,
): AsyncGenerator<ReindexEvent, void, void> {
  const notices = new NoticeList();
  const opened = await house.repository.open(name, { notify: notices.add });
  try {
    for (const text of opened.notices) yield { type: "notice", text };
    const { settings } = opened.state;
    const embedding = chosenEmbedding(settings.embedding, options.embedding ?? {}, house.config);
    const state = { ...opened.state, settings: { ...settings, embedding } };
    const { now, newId } = house;
    const embedder = house.embedder(embedding);
    yield* reindexOpened(opened, { state, embedder, notices, now, newId, signal: options.signal });
  } finally {
    await opened.release();
  }
}

/**
 * @throws MemGPTError `agent_not_found`, listing the agents; `agent_locked`; `storage_failed`; `invalid_input` for a
 *   database.
 */
export async function repair({ repository, database }: Household, name: string): Promise<readonly string[]> {
  if (database !== undefined) {
    const message =
      "Only files can be repaired, and these agents are in PostgreSQL: check it with its own tools, such as pg_amcheck, and " +
      "restore it from its backups. Nothing was changed.";
    throw new MemGPTError("invalid_input", message);
  }
  const opened = await repository.open(name, { thorough: true });
  try {
    if (opened.isCheckpointDue) await opened.checkpoints.write(opened.state, { name: null, kept: false });
    return opened.notices;
  } finally {
    await opened.release();
  }
}
