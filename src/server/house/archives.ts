import { MemGPTError, agentBehind, archiveName, findSuspicion } from "../../index.ts";
import { type AgentEntry, archiveOf } from "./agents.ts";
import type { ArchiveEntry, ArchiveRecord } from "./archive-book.ts";
import type { Owner } from "./owners.ts";
import { withThreads } from "./threads.ts";

/** An archive, or the one of an agent's own passages. @throws MemGPTError `not_found`. */
export function archiveNamed(owner: Owner, id: string): ArchiveEntry {
  const archive = owner.archives.find(id);
  if (archive !== undefined) return archive;
  const own = owner.agents.all().find((entry) => archiveOf(entry.id) === id);
  if (own === undefined) throw new MemGPTError("not_found", `There is no archive ${id}.`);
  return archiveOfAgent(own);
}

function archiveOfAgent({ id, name, createdAt }: AgentEntry): ArchiveEntry {
  return { id: archiveOf(id), name: `${name}'s archive`, description: null, createdAt, metadata: {}, store: id };
}

/** The agent whose archival memory holds an archive's passages. @throws MemGPTError `not_found`. */
export async function storeOf(owner: Owner, id: string): Promise<AgentEntry> {
  return owner.agents.get(archiveNamed(owner, id).store);
}

export async function createArchive(
  owner: Owner,
  { name, description }: Pick<ArchiveRecord, "name" | "description">,
): Promise<ArchiveEntry> {
  // As for folders: the model reads the name of the store.
  const store = findSuspicion(name) === undefined ? name : "archive";
  const { id, createdAt } = await owner.agents.create({ blocks: [] }, { name: store, hidden: "archive" });
  return owner.archives.put({ name, description, createdAt, store: id });
}

/** Removes an archive with its passages, and detaches it from every agent. */
export async function removeArchive(owner: Owner, id: string): Promise<void> {
  const archive = archiveNamed(owner, id);
  if (owner.archives.find(id) === undefined) {
    throw new MemGPTError("invalid_input", `${id} is an agent's own archive: it is removed with the agent.`);
  }
  for (const entry of await owner.agents.list()) {
    const attached = await archivesOf(owner, entry);
    if (attached.some((other) => other.archive.id === id)) await detachArchive(owner, entry, archive);
  }
  await owner.removeAgent(await owner.agents.get(archive.store));
  await owner.archives.remove(id);
}

/** Attaches an archive to an agent and its conversations. Nothing changes if it is attached. */
export async function attachArchive(owner: Owner, entry: AgentEntry, { store }: ArchiveEntry): Promise<void> {
  if (store === entry.id) {
    const text = `${entry.name} searches its own passages already. Nothing was attached.`;
    throw new MemGPTError("invalid_input", text);
  }
  const source = archiveName((await owner.agents.get(store)).folder);
  for (const one of await withThreads(owner, entry)) {
    await owner.use(one, async (agent) => {
      if (!(agent.state.sources ?? []).includes(source)) await agent.attach(source);
    });
  }
}

export async function detachArchive(owner: Owner, entry: AgentEntry, { store }: ArchiveEntry): Promise<void> {
  const source = archiveName((await owner.agents.get(store)).folder);
  for (const one of await withThreads(owner, entry)) {
    await owner.use(one, async (agent) => {
      if ((agent.state.sources ?? []).includes(source)) await agent.detach(source);
    });
  }
}

/** An archive that an agent searches. */
export type AttachedArchive = {
  readonly archive: ArchiveEntry;
  /** What the agent's state calls it. */
  readonly source: string;
  /** The agent whose archival memory holds its passages. */
  readonly entry: AgentEntry;
};

/** The archives that an agent searches, in the order in which they were attached. */
export async function archivesOf(owner: Owner, entry: AgentEntry): Promise<AttachedArchive[]> {
  const state = await owner.read(entry, (memory) => memory.load());
  const attached = (state?.sources ?? []).filter((source) => agentBehind(source) !== undefined);
  if (attached.length === 0) return [];
  const stores = new Map(owner.agents.all().map((one) => [one.folder, one]));
  const archives = new Map(owner.archives.all().map((archive) => [archive.store, archive]));
  return attached.flatMap((source) => {
    const store = stores.get(agentBehind(source) ?? "");
    if (store === undefined) return [];
    return { source, entry: store, archive: archives.get(store.id) ?? archiveOfAgent(store) };
  });
}

const recorded = new WeakMap<Owner, Promise<void>>();

/** Attaches, once, what was attached when only the server's records told of it. */
export async function attachRecorded(owner: Owner): Promise<void> {
  const known = recorded.get(owner) ?? attachAllRecorded(owner);
  recorded.set(owner, known);
  return known;
}

async function attachAllRecorded(owner: Owner): Promise<void> {
  for (const entry of owner.agents.all()) {
    if (entry.archives.length === 0) continue;
    try {
      for (const id of entry.archives) await attachArchive(owner, entry, archiveNamed(owner, id));
      await owner.agents.update(entry.id, { archives: [] });
    } catch {
      // Open elsewhere, or gone: the next start tries again.
    }
  }
}
