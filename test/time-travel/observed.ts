import type { AgentState, Message, Passage } from "memgpt";
import fc from "fast-check";
import { expect } from "vitest";
import { spokenText } from "../../src/memory/envelope.ts";
import { collect } from "../support/agents.ts";
import { Ledger } from "./ledger.ts";
import type { Ending, Life } from "./life.ts";
import { withoutCounts, wordsOf } from "./model.ts";
import { VERBS } from "./obedient-llm.ts";

const ALL = { page: 0, size: 5000 };

/** All that can be seen of an agent. */
type Observed = {
  readonly state: Omit<AgentState, "shown">;
  readonly messages: readonly Message[];
  readonly passages: readonly Passage[];
};

/**
 * For agents whose queue is flushed: what they should be after a turn nobody says, but going back and forth must give
 * exactly what was there, and what there is must agree with itself.
 */
export class Witness {
  readonly ledger: Ledger<Observed>;
  readonly words = new Set<string>();

  /** The witness of a new agent. */
  static async of(life: Life): Promise<Witness> {
    const witness = new Witness(await observe(life));
    await witness.agreesWith(life);
    return witness;
  }

  private constructor(first: Observed) {
    this.ledger = new Ledger(first);
  }

  /** Sees what a command did: nothing, or one thing that can be undone. */
  async note(life: Life): Promise<void> {
    const after = await observe(life);
    const grown = (await life.agent.actions(5000)).length - this.ledger.depth;
    expect([0, 1]).toContain(grown);
    if (grown === 1) this.ledger.act(after);
    else expect(after).toEqual(this.ledger.present);
    for (const message of after.messages) for (const word of wordsOf(spokenText(message) ?? null)) this.words.add(word);
    for (const { text } of after.passages) for (const word of wordsOf(text)) this.words.add(word);
    await this.agreesWith(life, after);
  }

  async agreesWith(life: Life, now?: Observed): Promise<void> {
    const observed = now ?? (await observe(life));
    expect(observed).toEqual(this.ledger.present);
    expect(await life.agent.actions(5000)).toHaveLength(this.ledger.depth);
    expectWholeExchanges(observed.state.queue);
    await this.#searchesAgree(life, observed);
    this.ledger.noteCheckpoints((await life.agent.checkpoints()).map(({ file }) => file));
  }

  async #searchesAgree({ agent }: Life, { messages, passages }: Observed): Promise<void> {
    expect(await agent.recall.size()).toBe(messages.length);
    expect(await agent.archival.size()).toBe(passages.length);
    const spoken = messages.map(({ id, ...rest }) => ({ id, words: wordsOf(spokenText({ id, ...rest }) ?? null) }));
    for (const word of this.words) {
      const said = await agent.recall.search({ text: word }, ALL);
      const expected = spoken.filter(({ words }) => words.includes(word)).map(({ id }) => id);
      expect(said.items.map(({ id }) => id).sort(), `recall search for ${word}`).toEqual(expected.sort());
      const kept = await agent.archival.search({ text: word }, ALL);
      const texts = passages.filter(({ text }) => wordsOf(text).includes(word)).map(({ id }) => id);
      expect(kept.items.map(({ id }) => id).sort(), `archival search for ${word}`).toEqual(texts.sort());
    }
  }
}

async function observe({ agent }: Life): Promise<Observed> {
  return {
    state: withoutCounts(agent.state),
    messages: await agent.recall.latest(5000),
    passages: await agent.archival.latest(5000),
  };
}

/** No call without its return, no return without its call. */
function expectWholeExchanges(queue: readonly Message[]): void {
  let open: string[] = [];
  for (const message of queue) {
    if (message.role === "function") expect(open.shift(), "the call of a return").toBe(message.callId);
    else {
      expect(open, "calls without a return").toEqual([]);
      open = message.role === "assistant" ? message.calls.map(({ id }) => id) : [];
    }
  }
  expect(open, "calls without a return").toEqual([]);
}

type Command = fc.AsyncCommand<Witness, Life>;

function command(text: string, run: (life: Life, witness: Witness) => Promise<unknown>): Command {
  return {
    check: () => true,
    run: async (witness, life) => {
      await run(life, witness);
      await witness.note(life);
    },
    toString: () => text,
  };
}

/** One that goes to where the agent was before. */
function travel(text: string, run: (life: Life, witness: Witness) => Promise<unknown>): Command {
  return {
    check: () => true,
    run: async (witness, life) => {
      await run(life, witness);
      await witness.agreesWith(life);
    },
    toString: () => text,
  };
}

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const ending = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Ending>({ how: "whole", after: 0 }) },
  {
    weight: 1,
    arbitrary: fc.record<Ending>({ how: fc.constantFrom("break", "kill", "fail", "abort"), after: fc.nat({ max: 3 }) }),
  },
);

/** Long enough that a few of them fill a small window. */
const message = fc.tuple(fc.constantFrom(...VERBS), fc.constantFrom("human", "persona"), fc.nat({ max: 300 }));

function write([verb, label, length]: [string, string, number], life: Life): string {
  return `${life.llm.word("word")} ${verb} ${label} fact1x ${"and so on ".repeat(length)}`;
}

const send = fc.tuple(message, ending).map(([text, ending]) =>
  command(`send(${text.join(" ")}, ${ending.how} ${ending.after})`, (life) => {
    const sent = write(text, life);
    return life.turn((signal) => life.agent.send(sent, { signal }), ending);
  }),
);

const retry = fc.tuple(fc.option(message), ending).map(([other, ending]) =>
  command(`retry(${other?.join(" ") ?? ""}, ${ending.how} ${ending.after})`, async (life) => {
    if ((await life.agent.lastUserMessage()) === undefined) return;
    const message = other === null ? undefined : write(other, life);
    await life.turn((signal) => life.agent.retry({ message, signal }), ending);
  }),
);

const pop = fc.integer({ min: 1, max: 12 }).map((count) =>
  command(`pop(${count})`, async ({ agent }) => {
    const size = await agent.recall.size();
    const { messages } = await agent.pop(count);
    for (const { id } of messages) expect(await agent.recall.get(id), "a popped message").toBeUndefined();
    expect(await agent.recall.size()).toBe(size - messages.length);
  }),
);

const edit = fc.constantFrom<Command[]>(
  command("rewrite", (life) => life.agent.rewrite(`Rather: ${life.llm.word("reply")}.`).catch(unlessNotFound)),
  command("rethink", (life) => life.agent.rethink(`Rather: ${life.llm.word("thought")}.`).catch(unlessNotFound)),
  command("editBlock", (life) => life.agent.editBlock("human", life.llm.word("fact"))),
  command("configure model", (life) => life.agent.configure({ model: life.llm.word("model") })),
  command("configure window", (life) =>
    life.agent.configure({ contextWindow: life.agent.state.settings.contextWindow === 4096 ? 6000 : 4096 }),
  ),
  command("setSystem", (life) => life.agent.setSystem(`You remember ${life.llm.word("system")}.`)),
  command("remove and add functions", async ({ agent }) => {
    const { functions } = agent.state;
    if (functions.includes("pause_heartbeats")) await agent.removeFunction("pause_heartbeats");
    else await agent.addFunction("pause_heartbeats");
  }),
  command("summarize", (life) => collect(life.agent.summarize())),
);

function unlessNotFound(error: unknown): void {
  expect(error).toMatchObject({ code: "not_found" });
}

const wipe = fc.constant(
  command("wipe", async ({ agent }) => {
    await agent.wipe();
    expect([await agent.recall.size(), await agent.archival.size()]).toEqual([0, 0]);
  }),
);

const undo = fc.integer({ min: 1, max: 5 }).map((count) =>
  travel(`undo(${count})`, async ({ agent }, { ledger }) => {
    expect((await agent.undo(count)).actions).toHaveLength(ledger.undo(count));
  }),
);

const redo = fc.constant(
  travel("redo()", async ({ agent }, { ledger }) => {
    expect((await agent.redo()).actions).toHaveLength(ledger.redo());
  }),
);

const undoAndRedo = fc.integer({ min: 1, max: 20 }).map((count) =>
  travel(`undo(${count}), redo()`, async (life, witness) => {
    const { agent } = life;
    const undone = await agent.undo(count);
    expect(undone.actions).toHaveLength(witness.ledger.undo(count));
    await witness.agreesWith(life);
    if (undone.actions.length === 0) return;
    expect((await agent.redo()).actions).toHaveLength(witness.ledger.redo());
  }),
);

const load = share.map((share) =>
  command(`load(${share})`, async ({ agent }, { ledger }) => {
    const entries = await agent.checkpoints();
    const entry = entries[Math.floor(share * entries.length)];
    if (entry === undefined) throw new Error("There is no checkpoint");
    await agent.loadCheckpoint(String(entry.number));
    expect(withoutCounts(agent.state)).toEqual(ledger.checkpoint(entry.file).state);
    expect(await agent.recall.latest(5000)).toEqual(ledger.checkpoint(entry.file).messages);
    expect(await agent.archival.latest(5000)).toEqual(ledger.checkpoint(entry.file).passages);
  }),
);

const restart = fc.constant(travel("restart", (life) => life.restart()));
const kill = fc.constant(travel("kill", (life) => life.kill()));

/** What an agent has behind it, which nearly fills its window. */
export const crowdedOpening: fc.Arbitrary<Command[]> = fc.array(send, { maxLength: 6, size: "max" });

export const crowded: fc.Arbitrary<Command>[] = [
  ...[send, send, send, send, send, send, send, retry, pop, edit, edit, edit, wipe],
  ...[undo, redo, undoAndRedo, undoAndRedo, load, restart, kill],
];
