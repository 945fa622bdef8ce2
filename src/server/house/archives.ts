import { MemGPTError } from "../../index.ts";
import { type AgentEntry, archiveOf } from "./agents.ts";
import type { ArchiveEntry, ArchiveRecord } from "./archive-book.ts";
import { newId } from "./ids.ts";
import type { Owner } from "./owners.ts";

/** An archive; each agent's own passages are one, too. @throws MemGPTError `not_found`. */
export function archiveNamed(owner: Owner, id: string): ArchiveEntry {
  const made = owner.archives.get(id);
  if (made !== undefined) return made;
  const own = owner.agents.all().find((entry) => archiveOf(entry.id) === id);
  if (own === undefined) throw new MemGPTError("not_found", `There is no archive ${id}.`);
  const { name, createdAt } = own;
  return { id, name: `${name}'s archive`, description: null, createdAt, metadata: {}, store: own.id };
}

/** The agent in whose archival memory an archive's passages are. @throws MemGPTError `not_found`. */
export async function storeOf(owner: Owner, id: string): Promise<AgentEntry> {
  return owner.agents.get(archiveNamed(owner, id).store);
}

export async function createArchive(
  owner: Owner,
  { name, description }: Pick<ArchiveRecord, "name" | "description">,
): Promise<ArchiveEntry> {
  const store = await owner.agents.create({ blocks: [] }, { name: `archive ${name}`, hidden: "archive" });
  return owner.archives.put(newId("archive"), { name, description, createdAt: store.createdAt, store: store.id });
}

export async function removeArchive(owner: Owner, id: string): Promise<void> {
  const { store } = archiveNamed(owner, id);
  if (owner.archives.get(id) === undefined) {
    throw new MemGPTError("invalid_input", `${id} is an agent's own archive, which goes with the agent.`);
  }
  await owner.removeAgent(await owner.agents.get(store));
  owner.archives.remove(id);
  for (const { id: agent, archives } of owner.agents.all()) {
    if (archives.includes(id)) owner.agents.update(agent, { archives: archives.filter((other) => other !== id) });
  }
}
