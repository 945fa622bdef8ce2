import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { type Agent, type FindResult, MemGPTError, findSuspicion } from "../../index.ts";
import { withAliases } from "./aliases.ts";
import { beginning } from "../../schema/beginning.ts";

/** One agent's memory, for one client. */
export type SharedMemory = {
  /** The agent's name. */
  readonly name: string;
  /** Runs `work` with the agent, after the work queued before it. */
  readonly use: <T>(work: (agent: Agent) => Promise<T>, signal?: AbortSignal) => Promise<T>;
  /** The name that the client of a request has for itself. */
  readonly client: (context: ServerContext) => string;
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

/** Adds the tools that let another program read and write an agent's memory. */
export function addMemoryTools(server: McpServer, memory: SharedMemory): void {
  const add = <Shape extends z.ZodRawShape>(
    name: string,
    { title, description, shape, hints, run }: Tool<Shape>,
  ): void => {
    const inputSchema = withAliases(z.object(shape), Object.keys(shape));
    const call = async (args: z.infer<z.ZodObject<Shape>>, context: ServerContext): Promise<CallToolResult> => {
      const { signal } = context.mcpReq;
      try {
        return answer(await memory.use((agent) => run(args, { agent, by: memory.client(context), signal }), signal));
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
    description: "Searches memory: facts in core memory and passages in archival memory, best first.",
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
    description: "Stores a text in memory, where searches find it. One fact or note at a time.",
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
      "Removes a passage from memory, by its id: searches no longer find it. Nothing is erased: the person can undo it, or " +
      "erase it for good with `memgpt forget`.",
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
    description: "Lists the edits of a block of core memory, oldest first.",
    shape: { block: z.string().min(1).optional().describe("label; all blocks if absent") },
    hints: "reads",
    run: async (args, { agent }) => ({
      edits: (await agent.history(args.block)).filter(({ label }) => !isPrivate(agent, label)),
    }),
  });
  // ChatGPT's connectors require tools with these names and results.
  add("search", {
    title: "Search",
    description: "Searches everything that the agent remembers. Read a whole result with fetch.",
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
    description: "Reads one search result in full.",
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

/** A page of results, without what clients do not need. */
function pageOf({ total, results }: FindResult): Record<string, unknown> {
  const shown = results.map(({ id: found, time, role, speaker, source, text: said }) => {
    return { id: found, time, role, speaker, source, text: said };
  });
  return { total, results: shown };
}

async function itemOf(agent: Agent, itemId: string): Promise<{ id: string; time: string; text: string }> {
  const passage = await agent.archival.get(itemId);
  if (passage !== undefined) return { id: itemId, time: passage.createdAt, text: passage.text };
  const [line] = (await agent.recall.around(itemId, 0)).filter((it) => it.id === itemId);
  if (line === undefined) throw new MemGPTError("not_found", `Memory has nothing with the id ${itemId}.`);
  return { id: itemId, time: line.createdAt, text: line.text };
}

/** The ids of what a client wrote, or a note that the text is held back. */
function stored(ids: readonly string[]): Record<string, unknown> {
  if (ids.length > 0) return { ids };
  return { ids, held_back: "It reads like instructions to the agent. The person can release it: memgpt quarantine." };
}

/** Other programs' text is not the person's own words: text that reads like instructions does not enter core memory. */
async function editBlock(agent: Agent, label: string, edit: { text: string; by: string }): Promise<unknown> {
  if (isPrivate(agent, label)) {
    throw new MemGPTError("not_found", `There is no block ${label} that other programs may edit. Nothing was changed.`);
  }
  const suspicion = findSuspicion(edit.text);
  if (suspicion === undefined) return agent.editBlock(label, edit.text, { by: edit.by });
  throw new MemGPTError(
    "invalid_input",
    `The text reads like instructions to the agent ("${suspicion.excerpt}"). Nothing was changed; the person can edit the block.`,
  );
}

/** The blocks without private ones: what other programs read may leave this machine. */
export function openBlocks(blocks: Agent["state"]["blocks"]): Agent["state"]["blocks"] {
  return blocks.filter((block) => block.private !== true);
}

function isPrivate({ state }: Agent, label: string): boolean {
  return state.blocks.some((block) => block.label === label && block.private === true);
}

function titleOf(whole: string): string {
  const [line = ""] = whole.split("\n");
  return line.length > 80 ? `${beginning(line, 79)}…` : line;
}

function urlOf(item: string): string {
  return `memory://item/${encodeURIComponent(item)}`;
}
