import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { type Agent, type FindResult, MemGPTError, findSuspicion } from "../../index.ts";
import { withAliases } from "./aliases.ts";

/** The memory of one agent, as a connection of a client reaches it. */
export type SharedMemory = {
  /** The agent's name. */
  readonly name: string;
  /** Runs `work` when the agent's turn comes. */
  readonly use: <T>(work: (agent: Agent) => Promise<T>, signal?: AbortSignal) => Promise<T>;
  /** What the client calls itself. */
  readonly client: () => string;
};

type Tool<Shape extends z.ZodRawShape> = {
  readonly title: string;
  readonly description: string;
  readonly shape: Shape;
  readonly hints: "reads" | "adds" | "changes";
  readonly run: (
    args: z.infer<z.ZodObject<Shape>>,
    context: { readonly agent: Agent; readonly by: string; readonly signal: AbortSignal },
  ) => Promise<unknown>;
};

const query = z.string().min(1).max(10_000).describe("words, a question, or a phrase in quotation marks");
const limit = z.coerce.number().int().min(1).max(50).default(10).describe("how many results at most");
const id = z.string().min(1).describe("id of a result");
const text = z.string().min(1).max(100_000);

const HINTS = {
  reads: { readOnlyHint: true, openWorldHint: false },
  adds: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  changes: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
} as const;

/** Gives `server` the tools by which another program reads and writes an agent's memory. */
export function addMemoryTools(server: McpServer, memory: SharedMemory): void {
  const add = <Shape extends z.ZodRawShape>(
    name: string,
    { title, description, shape, hints, run }: Tool<Shape>,
  ): void => {
    const inputSchema = withAliases(z.object(shape), Object.keys(shape));
    const call = async (args: z.infer<z.ZodObject<Shape>>, context: ServerContext): Promise<CallToolResult> => {
      const { signal } = context.mcpReq;
      try {
        return answer(await memory.use((agent) => run(args, { agent, by: memory.client(), signal }), signal));
      } catch (error) {
        if (!(error instanceof MemGPTError)) throw error;
        return { isError: true, content: [{ type: "text", text: error.message }] };
      }
    };
    server.registerTool(
      name,
      { title, description, inputSchema, annotations: { title, ...HINTS[hints] } },
      call as never,
    );
  };

  add("memory_search", {
    title: "Search memory",
    description: "Searches what is remembered: facts in core memory and passages in archival memory, best first.",
    shape: { query, limit },
    hints: "reads",
    run: async (args, { agent }) => {
      const { core, archival } = await agent.findAll({ query: args.query, size: args.limit });
      return { core: core.results, ...pageOf(archival) };
    },
  });
  add("conversation_search", {
    title: "Search conversations",
    description: "Searches everything that was said to and by the agent, best first, with the time.",
    shape: { query, limit },
    hints: "reads",
    run: async (args, { agent }) => pageOf(await agent.find({ query: args.query, size: args.limit })),
  });
  add("memory_add", {
    title: "Remember",
    description: "Keeps a text in memory, where searches find it. One fact or note at a time.",
    shape: { text: text.describe("what to remember") },
    hints: "adds",
    run: async (args, { agent, by, signal }) => {
      const [ids = []] = await agent.addPassages([{ text: args.text }], { by, signal });
      return stored(ids);
    },
  });
  add("memory_get", {
    title: "Read memory",
    description: "Reads the core memory, which the agent always sees, or one passage or message by its id.",
    shape: { id: id.optional() },
    hints: "reads",
    run: async (args, { agent }) =>
      args.id === undefined ? { blocks: openBlocks(agent.state.blocks) } : { ...(await itemOf(agent, args.id)) },
  });
  add("memory_update", {
    title: "Correct memory",
    description: "Replaces a passage, by its id, or a block of core memory, by its label, with another text.",
    shape: { id: id.optional(), block: z.string().min(1).optional().describe("label, such as human"), text },
    hints: "changes",
    run: async (args, { agent, by, signal }) => {
      if (args.block !== undefined) return editBlock(agent, args.block, { text: args.text, by });
      if (args.id === undefined) throw new MemGPTError("invalid_input", "Name an id or a block. Nothing was changed.");
      return stored(await agent.replacePassage(args.id, args.text, { by, signal }));
    },
  });
  add("memory_forget", {
    title: "Take out of memory",
    description:
      "Takes a passage out of memory, by its id: no search finds it any more. Nothing is erased: the person can undo it, and " +
      "erases for good with `memgpt forget`.",
    shape: { id },
    hints: "changes",
    run: async (args, { agent, by }) => {
      const removed = await agent.removePassages([args.id], { by });
      if (removed === 0) throw new MemGPTError("not_found", `There is no passage ${args.id}. Nothing was removed.`);
      return { removed };
    },
  });
  add("memory_history", {
    title: "History of core memory",
    description: "Lists how a block of core memory came to be what it is, oldest edit first.",
    shape: { block: z.string().min(1).optional().describe("label; all blocks if absent") },
    hints: "reads",
    run: async (args, { agent }) => ({
      edits: (await agent.history(args.block)).filter(({ label }) => !isPrivate(agent, label)),
    }),
  });
  // As ChatGPT's connectors want them.
  add("search", {
    title: "Search",
    description: "Searches everything that the agent remembers. Read a result whole with fetch.",
    shape: { query },
    hints: "reads",
    run: async (args, { agent }) => {
      const { recall, archival } = await agent.findAll({ query: args.query, size: 10 });
      const results = [...archival.results, ...recall.results].sort((a, b) => b.score - a.score).slice(0, 10);
      return { results: results.map((found) => ({ id: found.id, title: titleOf(found.text), url: urlOf(found.id) })) };
    },
  });
  add("fetch", {
    title: "Fetch",
    description: "Reads one result of search whole.",
    shape: { id },
    hints: "reads",
    run: async (args, { agent }) => {
      const item = await itemOf(agent, args.id);
      return {
        id: item.id,
        title: titleOf(item.text),
        text: item.text,
        url: urlOf(item.id),
        metadata: { time: item.time },
      };
    },
  });
}

function answer(value: unknown): CallToolResult {
  const structuredContent = value as Record<string, unknown>;
  return { content: [{ type: "text", text: JSON.stringify(value) }], structuredContent };
}

/** What a client needs of a page of results. */
function pageOf({ total, results }: FindResult): Record<string, unknown> {
  const shown = results.map(({ id: found, time, role, speaker, source, text: said }) => {
    return { id: found, time, role, speaker, source, text: said };
  });
  return { total, results: shown };
}

async function itemOf(agent: Agent, wanted: string): Promise<{ id: string; time: string; text: string }> {
  const passage = await agent.archival.get(wanted);
  if (passage !== undefined) return { id: wanted, time: passage.createdAt, text: passage.text };
  const [said] = (await agent.recall.around(wanted, 0)).filter((it) => it.id === wanted);
  if (said === undefined) throw new MemGPTError("not_found", `Nothing with the id ${wanted} is remembered.`);
  return { id: wanted, time: said.createdAt, text: said.text };
}

/** Of what a client wrote: where it is, or that it waits for the person. */
function stored(ids: readonly string[]): Record<string, unknown> {
  if (ids.length > 0) return { ids };
  return { ids, held_back: "It reads like instructions to the agent. The person can release it: memgpt quarantine." };
}

/** What another program writes is not the person's own words: what reads like an order does not become core memory. */
async function editBlock(agent: Agent, label: string, edit: { text: string; by: string }): Promise<unknown> {
  if (isPrivate(agent, label)) {
    throw new MemGPTError("not_found", `There is no block ${label} for other programs. Nothing was changed.`);
  }
  const suspicion = findSuspicion(edit.text);
  if (suspicion === undefined) return agent.editBlock(label, edit.text, { by: edit.by });
  throw new MemGPTError(
    "invalid_input",
    `The text reads like instructions to the agent ("${suspicion.excerpt}"). Nothing was changed; the person can edit the block.`,
  );
}

/** The blocks that other programs may read: what they read may leave this machine. */
export function openBlocks(blocks: Agent["state"]["blocks"]): Agent["state"]["blocks"] {
  return blocks.filter((block) => block.private !== true);
}

function isPrivate({ state }: Agent, label: string): boolean {
  return state.blocks.some((block) => block.label === label && block.private === true);
}

function titleOf(whole: string): string {
  const [line = ""] = whole.split("\n");
  return line.length > 80 ? `${line.slice(0, 79).replace(/[\uD800-\uDBFF]$/, "")}…` : line;
}

function urlOf(item: string): string {
  return `memory://item/${encodeURIComponent(item)}`;
}
