import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Agent, type AgentState, MemGPT } from "memgpt";

/** An agent's memory, as far as a person could miss it. */
export type AgentWorld = {
  readonly state: string;
  /** Texts and ids of recall and archival storage, oldest first. */
  readonly recall: readonly string[];
  readonly archival: readonly string[];
  /** Files of the checkpoints kept forever. */
  readonly kept: readonly string[];
};

/** The content of a home directory and of the export folder next to it. */
export type World = {
  readonly agents: Readonly<Record<string, AgentWorld>>;
  readonly files: Readonly<Record<string, string | null>>;
};

/** Folders of a case. */
export type Place = { readonly home: string; readonly exported: string };

export function placeIn(folder: string): Place {
  return { home: join(folder, "home"), exported: join(folder, "sam.json") };
}

/** Reads the world from disk. Asks an open agent instead, to get the answers that a person would. */
export async function observe({ home, exported }: Place, open?: Agent): Promise<World> {
  const memgpt = await MemGPT.open({ dir: home, env: {} });
  const agents: Record<string, AgentWorld> = {};
  for (const { name } of await memgpt.listAgents()) {
    const files = { kept: keptFiles(join(home, "agents", name, "agent_state")) };
    agents[name] =
      open !== undefined && open.name === name
        ? { ...(await contents(open.state, open)), ...files }
        : {
            ...(await memgpt.readAgent(name, async (store) => contents(await store.load(), store))),
            ...files,
          };
  }
  const paths = { config: join(home, "config.json"), credentials: join(home, "credentials.json"), exported };
  const files = Object.entries(paths).map(([what, path]): [string, string | null] => [
    what,
    existsSync(path) ? readFileSync(path, "utf8") : null,
  ]);
  return { agents, files: Object.fromEntries(files) };
}

async function contents(
  state: AgentState | undefined,
  { recall, archival }: Pick<Agent, "recall" | "archival">,
): Promise<Omit<AgentWorld, "kept">> {
  // The counts shown to the model may be updated at any time.
  const { shown, ...rest } = state ?? { shown: null };
  const messages: string[] = [];
  for await (const message of recall.all()) messages.push(`${message.id} ${message.content ?? ""}`);
  const passages: string[] = [];
  for await (const { id, text } of archival.all()) passages.push(`${id} ${text}`);
  // The order of the fields means nothing.
  const fields = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return { state: JSON.stringify(Object.fromEntries(fields)), recall: messages, archival: passages };
}

function keptFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".kept.json")) : [];
}

/** A short text that identifies a world. */
export function digest(world: World): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(world)))
    .digest("hex")
    .slice(0, 16);
}

function sorted({ agents, files }: World): unknown {
  const byName = Object.entries(agents).sort(([a], [b]) => (a < b ? -1 : 1));
  return [byName, files];
}

/** The differences between two worlds, as text. */
export function difference(before: World, after: World): string {
  const names = [...new Set([...Object.keys(before.agents), ...Object.keys(after.agents)])];
  const agents = names.flatMap((name) => {
    const [a, b] = [before.agents[name], after.agents[name]];
    if (a === undefined || b === undefined) return [`agent ${name} ${a === undefined ? "has appeared" : "is gone"}`];
    const lists = (["recall", "archival", "kept"] as const).flatMap((what) => {
      const gone = a[what].filter((item) => !b[what].includes(item)).length;
      const added = b[what].filter((item) => !a[what].includes(item)).length;
      return gone + added === 0 ? [] : [`${name}: ${what} lacks ${gone} and has ${added} more`];
    });
    return a.state === b.state ? lists : [...lists, `${name}: different state`];
  });
  const files = Object.keys(before.files).filter((name) => before.files[name] !== after.files[name]);
  return [...agents, ...files.map((name) => `${name} has different content`)].join("; ");
}
