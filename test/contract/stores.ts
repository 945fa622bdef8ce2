import * as fc from "fast-check";
import type { AgentState, Message } from "memgpt";
import type { AgentStore } from "../../src/ports/agent-store.ts";
import type { EmbeddedPassage } from "../../src/schema/passage.ts";
import { at, filled, newState, passage, reply, someAction, userMessage } from "../storage/support.ts";

/** Opens the store of the agent at a place: the same one again after it was closed. */
export type OpenStore = (place: string) => Promise<AgentStore>;

/** A new store at a place of its own. */
export async function newStore(open: OpenStore): Promise<AgentStore> {
  return open(crypto.randomUUID());
}

/** A store with one agent whose queue and recall storage hold `messages`. */
export async function storeOf(
  open: OpenStore,
  messages: readonly Message[],
  passages: readonly EmbeddedPassage[] = [],
): Promise<AgentStore> {
  return filled(await newStore(open), messages, passages);
}

/** Everything that can be seen of a store from outside, except how it came about. */
export async function observe(store: AgentStore) {
  const page = { page: 0, size: 100 };
  const embedding = { model: "test-4", vector: Float32Array.from([1, 0.5, 0, 0]) };
  const queries = ["apple", "zebra tree river", "日", '"apple tree"', "n00042", "run"];
  return {
    state: await store.history.load(),
    sizes: [await store.recall.size(), await store.archival.size()],
    recall: await Promise.all(queries.map((query) => store.recall.search({ text: query }, page))),
    date: await store.recall.searchDate({}, page),
    latest: await store.recall.latest(100),
    archival: await Promise.all(
      queries.map((text) => store.archival.search({ text, embedding, minSimilarity: 0.2 }, page)),
    ),
    passages: await store.archival.latest(100),
  };
}

/** One thing that happens to an agent. Numbers choose among what there is at that moment. */
export type Happening =
  | { readonly type: "say"; readonly words: readonly string[] }
  | { readonly type: "edit"; readonly label: string; readonly value: string }
  | { readonly type: "flush"; readonly share: number }
  | { readonly type: "archive"; readonly words: readonly string[]; readonly vector: readonly number[] | null }
  | { readonly type: "settings"; readonly contextWindow: number }
  | { readonly type: "relabel"; readonly label: string }
  | { readonly type: "revert"; readonly share: number };

const WORDS = ["apple", "tree", "zebra", "n00042", "river", "日本", "running", "ran"];
const words = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 });
export const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const component = fc.constantFrom(-1, -0.5, 0.25, 1);

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("say"), words }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("edit"), label: fc.constantFrom("persona", "human"), value: fc.string() }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("flush"), share }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("archive"),
      words,
      vector: fc.option(fc.tuple(component, component, component, component)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("settings"), contextWindow: fc.integer({ min: 4096, max: 9000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("relabel"), label: fc.constantFrom("human", "person") }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("revert"), share }) },
);

export function pick<T>(items: readonly T[], share: number): T {
  const item = items[Math.floor(share * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

export async function happen(
  store: AgentStore,
  next: Exclude<Happening, { type: "revert" }>,
  index: number,
): Promise<void> {
  const before = (await store.history.load()) ?? newState();
  const id = `${next.type}-${index}`;
  const { state, messages = [], passages = [] } = changed(before, next, id, index);
  await store.history.commit({ action: someAction(), cause: id, at: at(index), state, messages, passages });
}

function changed(
  before: AgentState,
  next: Exclude<Happening, { type: "revert" }>,
  id: string,
  minute: number,
): { state: AgentState; messages?: Message[]; passages?: EmbeddedPassage[] } {
  switch (next.type) {
    case "say": {
      const text = next.words.join(" ");
      const messages = [userMessage(id, text, at(minute)), ...reply(`${id}-reply`, `You say ${text}`, at(minute))];
      // One that was too long for the context is shown cut and stored whole.
      const shown = messages.map((message) =>
        next.words.length > 5 && message.role === "user" ? userMessage(id, "cut") : message,
      );
      return { state: { ...before, queue: [...before.queue, ...shown], lastActiveAt: at(minute) }, messages };
    }
    case "edit":
      return {
        state: {
          ...before,
          blocks: before.blocks.map((block) => (block.label === next.label ? { ...block, value: next.value } : block)),
        },
      };
    case "flush": {
      const cut = Math.floor(next.share * before.queue.length);
      const summary: Message = {
        id,
        createdAt: at(minute),
        role: "user",
        event: "summary",
        content: JSON.stringify({ message: `${cut} apples` }),
      };
      return {
        state: { ...before, queue: [summary, ...before.queue.slice(cut)], evicted: before.evicted + cut },
        messages: [summary],
      };
    }
    case "archive":
      return { state: before, passages: [passage(id, next.words.join(" "), next.vector)] };
    case "settings":
      return { state: { ...before, settings: { ...before.settings, contextWindow: next.contextWindow } } };
    case "relabel":
      return {
        state: {
          ...before,
          blocks: before.blocks.map((block, at) => (at === 1 ? { ...block, label: next.label } : block)),
        },
      };
  }
}
