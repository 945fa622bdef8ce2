import { type MemGPT, type SourceOverview, shownTime } from "../../index.ts";
import { isConfirmed } from "../terminal/confirm.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";

/** `memgpt list sources`. */
export async function listSources({ json = false }: { json?: boolean }): Promise<void> {
  const sources = await (await openHome()).sources.list();
  if (json) {
    process.stdout.write(`${jsonText(sources.map(asJson), 2)}\n`);
    return;
  }
  if (sources.length === 0) process.stdout.write("No sources yet; `memgpt load NAME PATH` creates one.\n");
  for (const source of sources) {
    const { name, description, passages } = source;
    const about = description === "" ? "" : ` (${description})`;
    const line = `${name}${about}: ${documentsText(source)}, ${counted(passages, "passage")}, ${embeddingOf(source)}`;
    print(line.replace(/\s+/g, " "));
  }
}

/** `memgpt show source NAME`. */
export async function showSource(name: string, { json = false }: { json?: boolean }): Promise<void> {
  const { sources } = await openHome();
  const source = await sources.overview(name);
  if (json) {
    const documents = [];
    for await (const { root, name: document, kind, bytes, passages, isComplete, loadedAt } of sources.documents(name)) {
      documents.push({ name: document, root, kind, bytes, passages, complete: isComplete, loaded_at: loadedAt });
    }
    process.stdout.write(`${jsonText({ ...asJson(source), documents }, 2)}\n`);
    return;
  }
  const { description, passages, bytes, createdAt } = source;
  const lines = [
    `${source.name}${description === "" ? "" : `: ${description}`}`,
    `${documentsText(source)} (${sizeText(bytes)}), ${counted(passages, "passage")}, ${embeddingOf(source)}, created ${shownTime(createdAt)}`,
    "",
  ];
  print(...lines);
  for await (const document of sources.documents(name)) {
    const state = document.isComplete ? "" : ", not fully loaded";
    const line = `${document.name}: ${document.kind}, ${counted(document.passages, "passage")}${state}`;
    print(line.replace(/\s+/g, " "));
  }
}

/** `memgpt delete source NAME`. Asks first. */
export async function deleteSource(name: string, { yes = false }: { yes?: boolean }): Promise<void> {
  const memgpt = await openHome();
  const { sources } = memgpt;
  const { documents, passages } = await sources.overview(name);
  const losing = await attachedTo(memgpt, name);
  const loss = losing.length === 0 ? "" : `, which ${losing.join(", ")} can search`;
  if (!yes) {
    const refusal = `Deleting ${name} cannot be undone. Nothing was deleted; pass --yes to delete it without confirmation.`;
    const what = `its ${counted(documents, "document")} and ${counted(passages, "passage")}`;
    if (!(await isConfirmed(`Delete source ${name} with ${what}, for good${loss}?`, refusal))) {
      process.stdout.write("Nothing was deleted.\n");
      return;
    }
  }
  await sources.delete(name);
  const detach = `\`memgpt detach ${losing.length === 1 ? losing.join() : "AGENT"} ${name}\` ends the notice about it`;
  const lost = losing.length === 0 ? "" : ` ${losing.join(", ")} can no longer search it; ${detach}.`;
  print(`Deleted source ${name}.${lost}`);
}

/** The agents that have the source attached. Unreadable agents are left out. */
async function attachedTo(memgpt: MemGPT, source: string): Promise<string[]> {
  const names: string[] = [];
  for (const { name } of await memgpt.listAgents()) {
    const state = await memgpt.readAgent(name, async (memory) => memory.load()).catch(() => undefined);
    if (state?.sources?.includes(source) === true) names.push(name);
  }
  return names;
}

function documentsText({ documents, incomplete }: SourceOverview): string {
  const half = incomplete === 0 ? "" : `, ${incomplete === documents ? "" : `${incomplete} of them `}not fully loaded`;
  return `${counted(documents, "document")}${half}`;
}

function embeddingOf({ embedding, collection }: SourceOverview): string {
  return `embedded with ${collection.model ?? embedding.model ?? embedding.provider}`;
}

function sizeText(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function asJson({
  name,
  description,
  documents,
  incomplete,
  passages,
  bytes,
  createdAt,
  collection,
}: SourceOverview): Record<string, unknown> {
  return {
    name,
    description,
    documents,
    incomplete,
    passages,
    bytes,
    created_at: createdAt,
    embedding: collection.model,
    dimensions: collection.dimensions,
    without_vector: collection.withoutVector,
  };
}
