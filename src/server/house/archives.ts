import { MemGPTError } from "../../index.ts";
import { type AgentEntry, archiveOf } from "./agents.ts";
import type { ArchiveEntry, ArchiveRecord } from "./archive-book.ts";
import type { Owner } from "./owners.ts";

/** An archive, or the one of an agent's own passages. @throws MemGPTError `not_found`. */
export function archiveNamed(owner: Owner, id: string): ArchiveEntry {
  const archive = owner.archives.find(id);
  if (archive !== undefined) return archive;
  const own = owner.agents.all().find((entry) => archiveOf(entry.id) === id);
  if (own === undefined) throw new MemGPTError("not_found", `There is no archive ${id}.`);
  const { name, createdAt } = own;
  return { id, name: `${name}'s archive`, description: null, createdAt, metadata: {}, store: own.id };
}

/** The agent whose archival memory holds an archive's passages. @throws MemGPTError `not_found`. */
export async function storeOf(owner: Owner, id: string): Promise<AgentEntry> {
  return owner.agents.get(archiveNamed(owner, id).store);
}

export async function createArchive(
  owner: Owner,
  { name, description }: Pick<ArchiveRecord, "name" | "description">,
): Promise<ArchiveEntry> {
  const store = await owner.agents.create({ blocks: [] }, { name: `archive ${name}`, hidden: "archive" });
  return owner.archives.put({ name, description, createdAt: store.createdAt, store: store.id });
}

export async function removeArchive(owner: Owner, id: string): Promise<void> {
  const { store } = archiveNamed(owner, id);
  if (owner.archives.find(id) === undefined) {
    throw new MemGPTError("invalid_input", `${id} is an agent's own archive: it is removed with the agent.`);
  }
  await owner.removeAgent(await owner.agents.get(store));
  await owner.archives.remove(id);
  for (const { id: agent, archives } of owner.agents.all()) {
    if (!archives.includes(id)) continue;
    await owner.agents.update(agent, (record) => ({ archives: record.archives.filter((other) => other !== id) }));
  }
}
