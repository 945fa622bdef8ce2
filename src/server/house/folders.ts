import { MemGPTError, type StoredDocument, defineSource, findSuspicion } from "../../index.ts";
import type { AgentEntry } from "./agents.ts";
import type { FolderEntry, FolderRecord } from "./folder-book.ts";
import { folderName, idOf } from "./ids.ts";
import type { Owner } from "./owners.ts";
import { withThreads } from "./threads.ts";

/** A document of a folder. */
export type FileEntry = StoredDocument & { readonly id: string };

/** All folders, including sources that another program loaded. */
export async function listFolders({ memgpt, folders }: Owner): Promise<FolderEntry[]> {
  await folders.adopt(await memgpt.sources.names());
  return folders.all();
}

export async function createFolder(
  owner: Owner,
  fields: Partial<FolderRecord> & { readonly name: string },
): Promise<FolderEntry> {
  const taken = new Set([
    ...(await listFolders(owner)).map(({ source }) => source),
    ...(await owner.memgpt.sources.names()),
  ]);
  // The model reads source names, and clients choose folder names: a suspicious one is not used.
  const base = findSuspicion(fields.name) === undefined ? folderName(fields.name, "folder") : "folder";
  const source = taken.has(base) ? `${base}-${crypto.randomUUID().slice(0, 8)}` : base;
  return owner.folders.put({ ...fields, source, createdAt: new Date().toISOString() });
}

/** Removes a folder with its documents, and detaches it from every agent. */
export async function removeFolder(owner: Owner, folder: FolderEntry): Promise<void> {
  for (const entry of await agentsWith(owner, folder)) await detachFolder(owner, entry, folder);
  if (await hasSource(owner, folder)) await owner.memgpt.sources.delete(folder.source);
  await owner.folders.remove(folder.id);
}

/** Attaches a folder to an agent and its conversations. An empty folder takes effect with its first document. */
export async function attachFolder(owner: Owner, entry: AgentEntry, { id, source }: FolderEntry): Promise<void> {
  await owner.agents.update(entry.id, ({ folders }) => ({ folders: [...new Set([...folders, id])] }));
  if (!(await owner.memgpt.sources.names()).includes(source)) return;
  for (const one of await withThreads(owner, entry)) {
    await owner.use(one, async (agent) => {
      if (!(agent.state.sources ?? []).includes(source)) await agent.attach(source);
    });
  }
}

export async function detachFolder(owner: Owner, entry: AgentEntry, { id, source }: FolderEntry): Promise<void> {
  await owner.agents.update(entry.id, ({ folders }) => ({ folders: folders.filter((other) => other !== id) }));
  for (const one of await withThreads(owner, entry)) {
    await owner.use(one, async (agent) => {
      if ((agent.state.sources ?? []).includes(source)) await agent.detach(source);
    });
  }
}

/** An agent's folders, including sources that another program attached. Those without documents are in the record alone. */
export async function foldersOf(owner: Owner, entry: AgentEntry): Promise<FolderEntry[]> {
  const state = await owner.read(entry, (store) => store.load());
  const sources = new Set(state?.sources ?? []);
  if (sources.size === 0 && entry.folders.length === 0) return [];
  const loaded = new Set(await owner.memgpt.sources.names());
  const isEmptyOne = ({ id, source }: FolderEntry): boolean => entry.folders.includes(id) && !loaded.has(source);
  return (await listFolders(owner)).filter((folder) => sources.has(folder.source) || isEmptyOne(folder));
}

export async function agentsWith(owner: Owner, folder: FolderEntry): Promise<AgentEntry[]> {
  const agents = await owner.agents.list();
  const has = await Promise.all(
    agents.map(async (entry) => (await foldersOf(owner, entry)).some(({ id }) => id === folder.id)),
  );
  return agents.filter((_, index) => has[index] === true);
}

/** The files of a folder, in the order in which they were loaded. */
export async function filesOf(owner: Owner, folder: FolderEntry): Promise<FileEntry[]> {
  if (!(await hasSource(owner, folder))) return [];
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

/** What to do with a file whose name is taken. */
export type Duplicates = "suffix" | "skip" | "error" | "replace";

/** Loads a document into a folder. @throws MemGPTError `invalid_input` if it cannot be read or its name is taken. */
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
  const isFirst = !(await hasSource(owner, folder));
  await load(owner, folder, free, content);
  const added = (await filesOf(owner, folder)).find((file) => file.name === free && file.root === rootOf(free));
  if (added === undefined) throw new MemGPTError("invalid_input", `${free} has no text. Nothing was loaded.`);
  if (!isFirst) return added;
  for (const entry of owner.agents.all())
    if (entry.folders.includes(folder.id)) await attachFolder(owner, entry, folder);
  return added;
}

/** @throws MemGPTError `invalid_input` for a document that was not uploaded: the next load would bring it back. */
export async function removeFile(owner: Owner, folder: FolderEntry, file: FileEntry): Promise<void> {
  if (file.root !== rootOf(file.name)) {
    const text = `${file.name} was loaded from ${file.root}; the next load would bring it back. Nothing was removed.`;
    throw new MemGPTError("invalid_input", text);
  }
  await load(owner, folder, file.name, undefined);
}

/** Each upload is its own origin, so that loading it without content removes it. */
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

async function hasSource({ memgpt }: Owner, { source }: FolderEntry): Promise<boolean> {
  return (await memgpt.sources.names()).includes(source);
}
