import type { Action, Agent, AgentState, CheckpointEntry, MemoryChange, Message } from "memgpt";
import { expect } from "vitest";
import { HashEmbedder } from "../../src/llm/embedders/hash-embedder.ts";
import type { Life } from "./life.ts";
import { Ledger } from "./ledger.ts";
import { type Told, type World, newWorld, tell, utterance, withIds } from "./world.ts";

const ALL = { page: 0, size: 1000 };

/** What the agent should be, and all that was ever said, kept and saved in its life. */
export class Model {
  readonly ledger: Ledger<World>;
  /** Words that were ever said, thought or kept. */
  readonly words = { said: new Set<string>(), thought: new Set<string>(), kept: new Set<string>() };
  /** What each undo took back, as it was reported. */
  readonly undone: (readonly Action[])[] = [];
  /** Files of checkpoints that stay forever, and those of them that somebody took away. */
  readonly kept = new Set<string>();
  readonly away = new Set<string>();
  readonly #keptTexts = new Set<string>();
  readonly #embedder = new HashEmbedder();
  readonly #firstValues: Readonly<Record<string, string>>;
  /** The session that has begun with a login, and the id of that message. */
  #login: { readonly session: number; readonly id: string | undefined } | undefined;

  /** Whether something was done that no checkpoint tells yet. */
  #due = false;

  /** The model of a new agent. */
  static async of({ agent }: Life): Promise<Model> {
    const model = new Model(agent.state);
    await model.checkpoints(agent);
    return model;
  }

  private constructor(state: AgentState) {
    this.ledger = new Ledger(newWorld(state));
    this.#firstValues = this.present.blocks;
  }

  get present(): World {
    return this.ledger.present;
  }

  /**
   * Whether a turn of that session begins with a login. Where the login of the session was taken back, it may come again
   * or not: then the real queue tells.
   */
  hasLogin(before: World, session: number, queue: readonly Message[]): boolean {
    if (this.#login?.session !== session) return true;
    const { id } = this.#login;
    if (before.log.some(({ told }) => told.id === id)) return false;
    const next = queue[before.boot.length + before.log.length];
    return next?.role === "user" && next.event === "login";
  }

  /** Something was done that made the world `after`, in that session. `saved`: a checkpoint was due. */
  act(after: World, { agent, session: now }: Life, { session = now, saved = true } = {}): void {
    const login = after.log.findIndex(({ told }) => told.id === "" && isLogin(told));
    const world = withIds(after, agent.state.queue);
    if (login !== -1) this.#login = { session, id: world.log[login]?.told.id };
    this.ledger.act(world);
    this.undone.length = 0;
    this.#due = saved;
    for (const { told } of world.log) {
      for (const word of wordsOf(utterance(told))) this.words.said.add(word);
      if (told.role === "assistant") for (const word of wordsOf(told.thought)) this.words.thought.add(word);
    }
    for (const text of world.archive) {
      this.#keptTexts.add(text);
      for (const word of wordsOf(text)) this.words.kept.add(word);
    }
  }

  /** Whether everything that can be seen of the agent is as it should be. */
  async agreesWith({ agent }: Life): Promise<void> {
    const { present } = this;
    const { queue, blocks } = agent.state;
    expect(queue.map(tell), "context").toEqual([...present.boot, ...present.log.map(({ told }) => told)]);
    expect(Object.fromEntries(blocks.map(({ label, value }) => [label, value])), "core memory").toEqual(present.blocks);
    expect(await agent.recall.size(), "size of recall").toBe(present.log.length);
    expect(await agent.recall.latest(present.log.length + 10), "recall").toEqual(queue.slice(present.boot.length));
    await this.#recallSearchAgrees(agent);
    await this.#archivalAgrees(agent);
    expect(await agent.actions(1000), "what can be undone").toHaveLength(this.ledger.depth);
    expect(await agent.lastUserMessage(), "last message").toBe(this.#lastMessage());
    for (const label of Object.keys(present.blocks)) await this.#historyAgrees(agent, label);
    await this.#checkpointsAgree(agent);
    if (present.seen === undefined) this.ledger.present = { ...present, seen: agent.state };
    else expect(withoutCounts(agent.state), "state").toEqual(withoutCounts(present.seen));
  }

  async #recallSearchAgrees({ recall }: Agent): Promise<void> {
    const spoken = this.present.log.flatMap(({ told }) => {
      const text = utterance(told);
      return text === null ? [] : [{ id: told.id, text }];
    });
    const dated = await recall.searchDate({}, ALL);
    expect(
      dated.items.map(({ id, text }) => ({ id, text })),
      "recall by date",
    ).toEqual(spoken);
    for (const word of this.words.said) {
      const found = await recall.search({ text: word }, ALL);
      const expected = spoken.filter(({ text }) => wordsOf(text).includes(word)).map(({ id }) => id);
      expect(found.items.map(({ id }) => id).sort(), `recall search for ${word}`).toEqual(expected.sort());
      expect(found.total).toBe(expected.length);
    }
    for (const word of this.words.thought) {
      expect((await recall.search({ text: word }, ALL)).total, `recall search for the thought ${word}`).toBe(0);
    }
  }

  async #archivalAgrees(agent: Agent): Promise<void> {
    const { archive } = this.present;
    expect(await agent.archival.size(), "size of archival memory").toBe(archive.length);
    const texts = (await agent.archival.latest(1000)).map(({ text }) => text);
    expect(texts.sort(), "archival memory").toEqual([...archive].sort());
    for (const word of this.words.kept) {
      const found = await agent.archival.search({ text: word }, ALL);
      const expected = archive.filter((text) => wordsOf(text).includes(word));
      expect(
        found.items.map(({ text }) => text),
        `archival search for ${word}`,
      ).toEqual(expected);
      expect(found.total).toBe(expected.length);
    }
    for (const text of this.#keptTexts) {
      const [vector] = await this.#embedder.embed([text]);
      const embedding = vector === undefined || vector === null ? null : { model: this.#embedder.model, vector };
      const similar = await agent.archival.search({ text: "", embedding, minSimilarity: 0.99 }, ALL);
      const there = archive.includes(text) ? [text] : [];
      expect(
        similar.items.map((item) => item.text),
        `passages similar to ${text}`,
      ).toEqual(there);
    }
  }

  #lastMessage(): string | undefined {
    const texts = this.present.log.map(({ told }) => (told.role === "user" ? told.text : null));
    return texts.findLast((text) => text !== null) ?? undefined;
  }

  /** The edits that the present descends from lead from the first value to the present one, without a gap. */
  async #historyAgrees(agent: Agent, label: string): Promise<void> {
    const edits = (await agent.history(label)).filter((edit) => edit.label === label);
    const first = edits[0]?.before === "" ? "" : this.#firstValues[label];
    const values = [first, ...edits.map(({ after }) => after)];
    expect(
      edits.map(({ before }) => before),
      `history of ${label}`,
    ).toEqual(values.slice(0, -1));
    const last = edits.length === 0 ? this.#firstValues[label] : values.at(-1);
    expect(last, `history of ${label}`).toBe(this.present.blocks[label]);
  }

  async #checkpointsAgree(agent: Agent): Promise<void> {
    const entries = await this.checkpoints(agent);
    expect(entries.map(({ number }) => number)).toEqual(entries.map((_, index) => index + 1));
    const files = entries.map(({ file }) => file);
    expect(files, "newest first").toEqual([...files].sort().reverse());
    expect(files, "kept checkpoints").toEqual(expect.arrayContaining([...this.kept]));
    expect(new Set(entries.filter(({ kept }) => kept).map(({ file }) => file))).toEqual(this.kept);
  }

  /** The checkpoints there are. Those that are new are of the present. */
  async checkpoints(agent: Agent): Promise<CheckpointEntry[]> {
    const entries = await agent.checkpoints();
    const fresh = this.ledger.noteCheckpoints(entries.map(({ file }) => file));
    if (this.#due) expect(fresh, "checkpoint of what was done").toContain(entries[0]?.file);
    this.#due = false;
    return entries;
  }
}

/** A change as it is compared: what order its lists have is nobody's concern. */
export function sorted({ messages, evicted, blocks, passages, settings }: MemoryChange): MemoryChange {
  return {
    messages,
    evicted,
    blocks: [...blocks].sort((a, b) => a.label.localeCompare(b.label)),
    passages: { removed: [...passages.removed].sort(), added: [...passages.added].sort() },
    settings: [...settings],
  };
}

/** The counts shown in the system message lag on purpose, and by how much is the agent's own affair. */
export function withoutCounts({ shown: _, ...state }: AgentState): Omit<AgentState, "shown"> {
  return state;
}

/** The words of a text that were made by the model or the test. */
export function wordsOf(text: string | null): string[] {
  return text?.match(/[a-z]+\d+x/g) ?? [];
}

function isLogin(told: Told): boolean {
  return told.role === "user" && told.event === "login";
}
