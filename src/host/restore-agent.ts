import type { ImportPace } from "../agent/import.ts";
import { type SortContext, sortTexts } from "../agent/quarantine.ts";
import { sortBlocks, sortHistory, sortPrompt } from "../agent/sort-agent.ts";
import type { WholeAgent } from "../imports/plan.ts";
import type { Embedder } from "../ports/embedder.ts";
import { originOf } from "../schema/origin.ts";
import type { EmbeddedPassage, Passage } from "../schema/passage.ts";
import type { Held } from "../schema/quarantine.ts";
import type { Block } from "../schema/state.ts";
import { readPreset, resourceLines } from "../settings/presets.ts";
import type { Household } from "./household.ts";

const EMBEDDED_AT_A_TIME = 128;

/**
 * Restores an exported agent, all or nothing. As in any import, what reads like instructions is held back, and consents
 * given elsewhere do not count.
 */
export async function restoreWhole(
  house: Household,
  name: string,
  { state: { consents: _, ...state }, messages: all, passages: found }: WholeAgent,
  pace: ImportPace,
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
  const embedded = await embeddedPassages(passages, house.embedder(state.settings.embedding), pace);
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

/** How what is imported is sorted into what is stored and what is held back. */
export function sorting({ config, newId, now }: Household): SortContext {
  return { policy: config.quarantine, newId, at: now() };
}

async function embeddedPassages(
  passages: readonly Passage[],
  embedder: Embedder,
  { signal, onProgress }: ImportPace,
): Promise<EmbeddedPassage[]> {
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
  return embedded;
}
