import { MemGPTError, type StoredDocument, defineSource } from "../../index.ts";
import type { AgentEntry } from "./agents.ts";
import type { FolderEntry, FolderRecord } from "./folder-book.ts";
import { folderName, idOf } from "./ids.ts";
import type { Owner } from "./owners.ts";
import { threadStore } from "./threads.ts";

/** A document of a folder. */
export type FileEntry = StoredDocument & { readonly id: string };

/** All folders; sources that another program made are folders, too. */
export function listFolders({ memgpt, folders }: Owner): FolderEntry[] {
  const known = new Set(folders.all().map(({ source }) => source));
  for (const source of memgpt.sources.names()) {
    if (!known.has(source)) folders.put({ name: source, source, createdAt: new Date().toISOString() });
  }
  return folders.all();
}

export function createFolder(owner: Owner, fields: Partial<FolderRecord> & { readonly name: string }): FolderEntry {
  const taken = new Set([...listFolders(owner).map(({ source }) => source), ...owner.memgpt.sources.names()]);
  const base = folderName(fields.name, "folder");
  const source = taken.has(base) ? `${base}-${crypto.randomUUID().slice(0, 8)}` : base;
  return owner.folders.put({ ...fields, source, createdAt: new Date().toISOString() });
}

/** Removes a folder and its documents, from every agent that has it. */
export async function removeFolder(owner: Owner, folder: FolderEntry): Promise<void> {
  for (const entry of await agentsWith(owner, folder)) await detachFolder(owner, entry, folder);
  if (hasSource(owner, folder)) await owner.memgpt.sources.delete(folder.source);
  owner.folders.remove(folder.id);
}

/** Lets an agent and its conversations search a folder. One without documents counts from its first document on. */
export async function attachFolder(owner: Owner, entry: AgentEntry, { id, source }: FolderEntry): Promise<void> {
  owner.agents.update(entry.id, { folders: [...new Set([...entry.folders, id])] });
  if (!owner.memgpt.sources.names().includes(source)) return;
  for (const one of await withThreads(owner, entry)) {
    await owner.use(one, async (agent) => {
      if (!(agent.state.sources ?? []).includes(source)) await agent.attach(source);
    });
  }
}

export async function detachFolder(owner: Owner, entry: AgentEntry, { id, source }: FolderEntry): Promise<void> {
  owner.agents.update(entry.id, { folders: entry.folders.filter((other) => other !== id) });
  for (const one of await withThreads(owner, entry)) {
    await owner.use(one, async (agent) => {
      if ((agent.state.sources ?? []).includes(source)) await agent.detach(source);
    });
  }
}

/** The folders of an agent, those included that another program attached. */
export async function foldersOf(owner: Owner, entry: AgentEntry): Promise<FolderEntry[]> {
  const state = await owner.read(entry, (store) => store.load());
  const sources = new Set(state?.sources ?? []);
  if (sources.size === 0 && entry.folders.length === 0) return [];
  return listFolders(owner).filter(({ id, source }) => entry.folders.includes(id) || sources.has(source));
}

export async function agentsWith(owner: Owner, folder: FolderEntry): Promise<AgentEntry[]> {
  const agents = await owner.agents.list();
  const has = await Promise.all(
    agents.map(async (entry) => (await foldersOf(owner, entry)).some(({ id }) => id === folder.id)),
  );
  return agents.filter((_, index) => has[index] === true);
}

/** In the order in which they were loaded. */
export async function filesOf(owner: Owner, folder: FolderEntry): Promise<FileEntry[]> {
  if (!hasSource(owner, folder)) return [];
  const files: FileEntry[] = [];
  for await (const document of owner.memgpt.sources.documents(folder.source)) {
    files.push({ ...document, id: idOf("file", folder.id, document.root, document.name) });
  }
  return files;
}

/** @throws MemGPTError `not_found`. */
export async function fileNamed(owner: Owner, folder: FolderEntry, id: string): Promise<FileEntry> {
  const found = (await filesOf(owner, folder)).find((file) => file.id === id);
  if (found !== undefined) return found;
  throw new MemGPTError("not_found", `The folder ${folder.name} has no file ${id}.`);
}

/** What becomes of a file whose name is there already. */
export type Duplicates = "suffix" | "skip" | "error" | "replace";

/** Loads a document into a folder. @throws MemGPTError `invalid_input` for one that cannot be read, or whose name is taken. */
export async function addFile(
  owner: Owner,
  folder: FolderEntry,
  { name, content }: { readonly name: string; readonly content: Uint8Array },
  duplicates: Duplicates,
): Promise<FileEntry> {
  const files = await filesOf(owner, folder);
  const known = files.find((file) => file.name === name);
  if (known !== undefined && duplicates === "skip") return known;
  if (known !== undefined && duplicates === "error") {
    throw new MemGPTError("invalid_input", `The folder ${folder.name} has a file ${name} already. Nothing was loaded.`);
  }
  const free =
    known === undefined || duplicates === "replace" ? name : freeName(name, new Set(files.map((it) => it.name)));
  await load(owner, folder, free, content);
  const added = (await filesOf(owner, folder)).find((file) => file.name === free && file.root === rootOf(free));
  if (added === undefined) throw new MemGPTError("invalid_input", `${free} has no text. Nothing was loaded.`);
  for (const entry of owner.agents.all())
    if (entry.folders.includes(folder.id)) await attachFolder(owner, entry, folder);
  return added;
}

/** @throws MemGPTError `invalid_input` for a document that was not uploaded: it would come back with the next load. */
export async function removeFile(owner: Owner, folder: FolderEntry, file: FileEntry): Promise<void> {
  if (file.root !== rootOf(file.name)) {
    const text = `${file.name} was loaded from ${file.root}, and would come back with the next load. Nothing was removed.`;
    throw new MemGPTError("invalid_input", text);
  }
  await load(owner, folder, file.name, undefined);
}

/** Each upload is an origin of its own, so that one that yields nothing removes it. */
async function load(
  owner: Owner,
  { source }: FolderEntry,
  name: string,
  content: Uint8Array | undefined,
): Promise<void> {
  const upload = defineSource({
    name: `upload ${name}`,
    async *read() {
      if (content !== undefined) yield { name, content };
    },
  });
  for await (const event of owner.memgpt.sources.load(source, [upload])) {
    if (event.type === "skipped")
      throw new MemGPTError("invalid_input", `${name}: ${event.reason}. Nothing was loaded.`);
  }
}

function rootOf(name: string): string {
  return `own:upload ${name}`;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  const [, stem = name, extension = ""] = /^(.+?)(\.[^.]+)?$/.exec(name) ?? [];
  for (let number = 1; ; number += 1) {
    const free = `${stem}_(${number})${extension}`;
    if (!taken.has(free)) return free;
  }
}

function hasSource({ memgpt }: Owner, { source }: FolderEntry): boolean {
  return memgpt.sources.names().includes(source);
}

async function withThreads(owner: Owner, entry: AgentEntry): Promise<AgentEntry[]> {
  return [entry, ...(await Promise.all(owner.threads.all(entry.id).map((thread) => threadStore(owner, thread))))];
}
