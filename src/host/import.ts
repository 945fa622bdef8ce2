import { parse } from "node:path";
import { readOriginalRows } from "../compose.ts";
import { MemGPTError, describe } from "../errors.ts";
import { counted } from "../agent/import.ts";
import type { ImportedOnce } from "../agent/import-once.ts";
import { screenedText } from "../agent/screening.ts";
import type { ImportPace } from "../agent/import.ts";
import { type SortContext, sortTexts } from "../agent/quarantine.ts";
import { sortBlocks, sortHistory, sortPrompt } from "../agent/sort-agent.ts";
import type { FoundMemory, ImportPlan, WholeAgent } from "../imports/plan.ts";
import { readOldDatabase } from "../imports/old-database.ts";
import { readImport } from "../imports/read.ts";
import { originOf } from "../schema/origin.ts";
import type { EmbeddedPassage } from "../schema/passage.ts";
import type { Held } from "../schema/quarantine.ts";
import type { Block } from "../schema/state.ts";
import { secretPolicy } from "../settings/config.ts";
import { readPreset, resourceLines } from "../settings/presets.ts";
import { createAgent, openAgent } from "./agents.ts";
import type { Household } from "./household.ts";
import { readExport } from "./import-file.ts";

/** A file and what can be imported from it. */
export type FoundImport = ImportPlan & { readonly file: string };

/** The agents of a server or database, and lines about those that could not be read. */
export type FoundAgents = { readonly found: readonly FoundImport[]; readonly unread: readonly string[] };

export type ImportOptions = {
  /** The agent to import into; created if needed (default: `suggestedAgent`). */
  readonly agent?: string | undefined;
  /** Whether an agent created from an agent file also gets its thoughts, calls and context. */
  readonly withHistory?: boolean | undefined;
} & ImportPace;

export type ImportReport = Omit<ImportedOnce, "held"> & {
  readonly agent: string;
  /** Whether the agent was created for it. */
  readonly isNew: boolean;
  /** Notes for a person, such as what does not fit. */
  readonly notes: readonly string[];
};

const EMBEDDED_AT_A_TIME = 128;

/** Reads an export without changing anything. @throws as `readExport` does. */
export async function findImport(file: string): Promise<FoundImport> {
  return { ...(await readExport(file)), file };
}

/** As `findImport`, for a text. */
export function readFound(text: string, name: string): FoundImport {
  return { ...readImport(name, text), file: name };
}

/** Reads the agents in a database of MemGPT 0.3. @throws MemGPTError `invalid_input` if it cannot be read. */
export async function findInDatabase(file: string): Promise<FoundAgents> {
  const { plans, unread } = readOldDatabase(await readOriginalRows(file));
  return { found: plans.map((plan) => ({ ...plan, file })), unread };
}

/** The default name of the agent to import into: the agent's own, the program's that it comes from, or the file's. */
export function suggestedAgent({ format, file }: FoundImport, { agent }: FoundMemory): string {
  const name = agent ?? /^(chatgpt|claude|mem0)\b/i.exec(format)?.[0].toLowerCase() ?? parse(file).name;
  const allowed = name.replace(/[^\p{L}\p{M}\p{N} ._-]/gu, "-").replace(/^[^\p{L}\p{N}_-]+|[ .]+$/gu, "");
  return allowed.slice(0, 64).replace(/[ .]+$/, "") || "imported";
}

/**
 * Adds what was found to an agent. A new agent gets the blocks; an existing one keeps its own and gets the messages and
 * passages that it does not have.
 */
export async function importMemory(
  house: Household,
  plan: FoundImport,
  memory: FoundMemory,
  { agent, withHistory = false, ...pace }: ImportOptions,
): Promise<ImportReport> {
  const name = agent ?? suggestedAgent(plan, memory);
  const isNew = !(await house.repository.has(name));
  if (isNew && memory.whole !== undefined) {
    const { messages } = memory.whole;
    const { passages, held, blocks } = await restoreWhole(house, name, memory.whole, pace);
    return { agent: name, isNew, messages: messages.length, passages, known: 0, notes: heldNotes(held, blocks) };
  }
  const checking = { ...sorting(house), knownLines: await resourceLines(house.home) };
  const blocks = await sortBlocks(await withoutSecrets(house, isNew ? memory.blocks : []), checking);
  const parts = blocks.kept.length > 0 ? { blocks: blocks.kept } : {};
  const session = { withoutModel: true };
  const opened = isNew
    ? await createAgent(house, { name, ...parts }, session)
    : await openAgent(house, name, {}, session);
  let isDone = false;
  try {
    const prompt = isNew ? await withOwnSystem(opened, memory, checking) : { notes: [], held: [] };
    const whole = isNew && withHistory ? memory.history : undefined;
    const history = whole === undefined ? undefined : { ...whole, inContext: [...whole.inContext] };
    const held = [...blocks.held, ...prompt.held];
    const messages = history === undefined ? memory.messages : [];
    const { held: all, ...added } = await opened.importOnce(
      { ...memory, history, messages, held, from: plan.format },
      pace,
    );
    isDone = true;
    const notes = [...prompt.notes, ...heldNotes(all, blocks.kept)];
    return { agent: name, isNew, notes, ...added };
  } finally {
    await opened.close();
    if (isNew && !isDone) await house.repository.delete(name);
  }
}

function sorting({ config, newId, now }: Household): SortContext {
  return { policy: config.quarantine, newId, at: now() };
}

async function withoutSecrets({ config }: Household, blocks: readonly Block[]): Promise<Block[]> {
  return Promise.all(
    blocks.map(async (block) => {
      const { text: value } = await screenedText(block.value, secretPolicy(config));
      // A placeholder can be longer than the secret.
      return { ...block, value, limit: Math.max(block.limit, value.length) };
    }),
  );
}

const KINDS = [
  ["block", "block", "blocks"],
  ["prompt", "prompt", "prompts"],
  ["message", "message", "messages"],
  ["passage", "passage", "passages"],
] as const;

/** What was held back, for a person to read. */
function heldNotes(held: readonly Held[], blocks: readonly Block[] = []): string[] {
  const lines = held.flatMap(({ write }) => {
    const isPart = write.type === "block" && blocks.some(({ label, value }) => label === write.label && value !== "");
    return isPart ? [`${counted(write.value.split("\n").length, "line")} of the block ${write.label}`] : [];
  });
  const whole = KINDS.flatMap(([type, one, many]) => {
    const count = held.filter(({ write }) => write.type === type).length - (type === "block" ? lines.length : 0);
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  const counts = [...lines, ...whole];
  if (counts.length === 0) return [];
  return [`held back, because it reads like instructions to the agent: ${counts.join(", ")} (see memgpt quarantine)`];
}

/** The part of Letta's prompts about functions that our agents lack. What follows it is the agent's own. */
const BASE_INSTRUCTIONS =
  /^\s*<base_instructions>[^]*?<\/base_instructions>|^\s*You are (?:Letta|MemGPT), the latest version of [^]*$/;

/** Combines our prompt, which says how memory works here, with the file's, which says what the agent is for. */
async function withOwnSystem(
  agent: Awaited<ReturnType<typeof openAgent>>,
  { system = "", systemIsOurs = false }: FoundMemory,
  checking: Parameters<typeof sortBlocks>[1],
): Promise<{ notes: string[]; held: readonly Held[] }> {
  const own = systemIsOurs ? system : system.replace(BASE_INSTRUCTIONS, "").trim();
  if (own === "") return { notes: [], held: [] };
  const whole = systemIsOurs ? own : `${agent.state.system}\n\n${own}`;
  const { kept, held } = await sortPrompt(own, { ...checking, whole });
  if (kept === undefined) return { notes: [], held };
  try {
    await agent.setSystem(whole);
    return { notes: [], held: [] };
  } catch (error) {
    if (!(error instanceof MemGPTError) || error.code !== "context_overflow") throw error;
    const reason = `its own prompt does not fit in the context window and was left out (${describe(error)})`;
    return { notes: [reason], held: [] };
  }
}

/**
 * Restores an exported agent, all or nothing. As in any import, what reads like instructions is held back, and consents
 * given elsewhere do not count.
 */
async function restoreWhole(
  house: Household,
  name: string,
  { state: { consents: _, ...state }, messages: all, passages: found }: WholeAgent,
  { signal, onProgress }: ImportPace,
): Promise<{ passages: number; held: readonly Held[]; blocks: readonly Block[] }> {
  const context = sorting(house);
  const { at } = context;
  const checking = { ...context, knownLines: await resourceLines(house.home) };
  const { stored: passages, held: heldPassages } = await sortTexts(
    found,
    ({ text, createdAt }) => ({ type: "passage", text, createdAt }),
    context,
  );
  const conversation = await sortHistory([...all, ...state.queue], context);
  const messages = conversation.kept.slice(0, all.length);
  const queue = conversation.kept.slice(all.length);
  const blocks = await sortBlocks(state.blocks, checking);
  const prompt = await sortPrompt(state.system, { ...checking, whole: state.system });
  const system = prompt.kept ?? (await readPreset(house.home, house.config.preset)).system;
  const held = [...blocks.held, ...prompt.held, ...conversation.held, ...heldPassages];
  const embedder = house.embedder(state.settings.embedding);
  const embedded: EmbeddedPassage[] = [];
  for (let from = 0; from < passages.length; from += EMBEDDED_AT_A_TIME) {
    onProgress?.({ phase: "embedding", done: from, total: passages.length });
    const some = passages.slice(from, from + EMBEDDED_AT_A_TIME);
    const vectors = await embedder.embed(
      some.map(({ text }) => text),
      signal,
    );
    const { model } = embedder;
    embedded.push(
      ...some.map((passage, index) => {
        const vector = vectors[index] ?? null;
        return { ...passage, embedding: vector === null ? null : { model, vector } };
      }),
    );
  }
  const own = { ...state, id: house.newId(), name, system, blocks: [...blocks.kept], queue: [...queue] };
  // Created empty, so that undoing the import leaves a valid agent.
  await house.repository.create(name, { ...own, queue: [], evicted: 0 });
  try {
    const opened = await house.repository.open(name);
    try {
      const action = { id: house.newId(), label: "the import of the agent" };
      const origin = originOf("import", "memgpt export");
      const change = { action, cause: "import", at, origin, state: own, messages, passages: embedded, held };
      await opened.store.history.commit(change);
    } finally {
      await opened.release();
    }
  } catch (error) {
    await house.repository.delete(name);
    throw error;
  }
  return { passages: passages.length, held, blocks: blocks.kept };
}
