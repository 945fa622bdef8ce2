import type { ImportedOnce } from "../agent/import-once.ts";
import type { ImportPace } from "../agent/import.ts";
import { screenedText } from "../agent/screening.ts";
import { sortBlocks, sortPrompt } from "../agent/sort-agent.ts";
import { MemGPTError, describe } from "../errors.ts";
import type { FoundMemory } from "../imports/plan.ts";
import { counted } from "../schema/counted.ts";
import type { Held } from "../schema/quarantine.ts";
import type { Block } from "../schema/state.ts";
import { secretPolicy } from "../settings/config.ts";
import { resourceLines } from "../settings/presets.ts";
import { createAgent, openAgent } from "./agents.ts";
import { type FoundImport, suggestedAgent } from "./find-import.ts";
import type { Household } from "./household.ts";
import { restoreWhole, sorting } from "./restore-agent.ts";

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
