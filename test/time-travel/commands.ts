import fc from "fast-check";
import { expect } from "vitest";
import { collect, only } from "../support/agents.ts";
import type { Ending, Life, TurnRun } from "./life.ts";
import { type Model, sorted } from "./model.ts";
import { type Answer, VERBS } from "./obedient-llm.ts";
import { type World, afterTurn, changeBetween, popped, rethought, rewritten, sinceLastMessage, tell } from "./world.ts";

type Command = fc.AsyncCommand<Model, Life>;

/** A command that can always be given. After it, model and agent must agree. */
function command(text: string, run: (model: Model, life: Life) => Promise<void>): Command {
  return {
    check: () => true,
    run: async (model, life) => {
      await run(model, life);
      await model.agreesWith(life);
    },
    toString: () => text,
  };
}

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function pick<T>(items: readonly T[], share: number): T {
  const item = items[Math.floor(share * items.length)];
  if (item === undefined) throw new Error("There is nothing to pick from");
  return item;
}

const ending: fc.Arbitrary<Ending> = fc.oneof(
  { weight: 7, arbitrary: fc.constant<Ending>({ how: "whole", after: 0 }) },
  {
    weight: 3,
    arbitrary: fc.record({ how: fc.constantFrom("break", "kill", "fail", "abort"), after: fc.nat({ max: 3 }) }),
  },
);

const message = fc.record({ verb: fc.constantFrom(...VERBS), label: fc.constantFrom("human", "persona"), old: share });

/** A new message, which asks to replace a fact that is there, if there is one. */
function write({ verb, label, old }: { verb: string; label: string; old: number }, model: Model, life: Life): string {
  const facts = model.present.blocks[label]?.match(/fact\d+x/g) ?? [];
  return `${life.llm.word("word")} ${verb} ${label} ${pick([...facts, "fact0x"], old)}`;
}

const send = fc.record({ message, ending }).map(({ message, ending }) =>
  command(`send(${message.verb} ${message.label} ${message.old}, ${told(ending)})`, async (model, life) => {
    const text = write(message, model, life);
    const { session } = life;

    const run = await life.turn((signal) => life.agent.send(text, { signal }), ending);

    expectEnding(ending, run);
    answered({ model, life, session, ending }, model.present, text, run.answers);
  }),
);

const retry = fc.record({ other: fc.option(message, { freq: 2 }), ending }).map(({ other, ending }) =>
  command(`retry(${other === null ? "" : `${other.verb}, `}${told(ending)})`, async (model, life) => {
    const there = sinceLastMessage(model.present);
    const message = other === null ? undefined : write(other, model, life);
    if (there === 0) {
      await expect(collect(life.agent.retry({ message }))).rejects.toMatchObject({ code: "not_found" });
      return;
    }
    const text = message ?? (await life.agent.lastUserMessage()) ?? "";
    const { session } = life;
    const before = model.present;
    const { world: base, gone } = popped(before, there);

    const run = await life.turn((signal) => life.agent.retry({ message, signal }), ending);

    expectEnding(ending, run);
    expect(run.events[0]?.type).toBe("popped");
    const report = only(run.events, "popped").popped;
    expect(report.messages.map(tell)).toEqual(gone.map(({ told }) => told));
    expect(sorted(report.change)).toEqual(changeBetween(before, base));
    answered({ model, life, session, ending }, base, text, run.answers);
  }),
);

type Asked = { readonly model: Model; readonly life: Life; readonly session: number; readonly ending: Ending };

/** A message was answered so far. Without an answer nothing has happened, not even what a retry popped. */
function answered(asked: Asked, base: World, text: string, answers: readonly Answer[]): void {
  const { model, life, session, ending } = asked;
  if (answers.length === 0) return;
  const login = model.hasLogin(base, session, life.agent.state.queue);
  // A killed process writes no checkpoint in the middle of a turn.
  model.act(afterTurn(base, { text, login, answers }), life, { session, saved: ending.how !== "kill" });
}

function told({ how, after }: Ending): string {
  return how === "whole" ? "whole" : `${how} after ${after}`;
}

/** There is an error only where one was arranged, and the turn was not over before. */
function expectEnding({ how }: Ending, { events, answers, error }: TurnRun): void {
  if (how === "whole") expect(only(events, "turn_end").steps).toBe(answers.length);
  const codes = { whole: [], break: [], kill: [], fail: ["llm_unavailable"], abort: ["interrupted"] }[how];
  expect([undefined, ...codes]).toContain(error);
}

/** Mostly few, so that there is something left. */
const few = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.integer({ min: 1, max: 12 }));

const pop = few.map((count) =>
  command(`pop(${count})`, async (model, life) => {
    const before = model.present;
    const { world, gone } = popped(before, count);

    const report = await life.agent.pop(count);

    expect(report.asked).toBe(count);
    expect(report.kept).toEqual([]);
    expect(report.messages.map(tell)).toEqual(gone.map(({ told }) => told));
    expect(sorted(report.change)).toEqual(changeBetween(before, world));
    if (gone.length > 0) model.act(world, life);
  }),
);

async function undoOf(count: number, model: Model, life: Life): Promise<void> {
  const before = model.present;
  const due = await life.agent.actions(count);

  const undone = await life.agent.undo(count);

  expect(due).toHaveLength(model.ledger.undo(count));
  expect(undone.actions).toEqual(due);
  expect(sorted(undone.change)).toEqual(changeBetween(before, model.present));
  if (due.length > 0) model.undone.push(due);
  await model.checkpoints(life.agent);
}

async function redoOf(model: Model, life: Life): Promise<void> {
  const before = model.present;
  const due = model.undone.pop() ?? [];

  const redone = await life.agent.redo();

  expect(due).toHaveLength(model.ledger.redo());
  expect(redone.actions).toEqual([...due].reverse());
  expect(sorted(redone.change)).toEqual(changeBetween(before, model.present));
  await model.checkpoints(life.agent);
}

const undo = few.map((count) => command(`undo(${count})`, (model, life) => undoOf(count, model, life)));
const redo = fc.constant(command("redo()", redoOf));

/** Undone piece by piece, perhaps with another session between, and redone in part. */
const backAndForth = fc
  .record({
    counts: fc.array(few, { minLength: 1, maxLength: 3 }),
    redos: fc.nat({ max: 3 }),
    between: fc.constantFrom("nothing", "restart", "kill"),
  })
  .map(({ counts, redos, between }) =>
    command(`undo(${counts.join("), undo(")}), ${between}, ${redos} redos`, async (model, life) => {
      for (const count of counts) await undoOf(count, model, life);
      await model.agreesWith(life);
      if (between !== "nothing") await (between === "kill" ? life.kill() : life.restart());
      for (let n = 0; n < redos; n += 1) await redoOf(model, life);
    }),
  );

/** All that was ever done is undone in one go, or one by one, and redone. */
const undoAll = fc.boolean().map((singly) =>
  command(`undo everything${singly ? " singly" : ""}, redo everything`, async (model, life) => {
    if (singly) while (model.ledger.depth > 0) await undoOf(1, model, life);
    else await undoOf(1000, model, life);
    await model.agreesWith(life);
    while (model.ledger.undos > 0) await redoOf(model, life);
  }),
);

const rewrite = fc.constant(
  command("rewrite", async (model, life) => {
    const text = `Rather: ${life.llm.word("reply")}.`;
    const old = model.present.log.findLast(({ told }) => told.role === "assistant" && told.said.length > 0)?.told;
    // Whether what a new agent begins with can be changed is told in edit.test.ts.
    if (old?.role !== "assistant") return;
    expect(await life.agent.rewrite(text)).toEqual({ before: old.said.at(-1), after: text });
    model.act(rewritten(model.present, text), life);
  }),
);

const rethink = fc.constant(
  command("rethink", async (model, life) => {
    const text = `On second thought ${life.llm.word("thought")}.`;
    const old = model.present.log.findLast(({ told }) => told.role === "assistant")?.told;
    if (old?.role !== "assistant") return;
    expect(await life.agent.rethink(text)).toEqual({ before: old.thought, after: text });
    model.act(rethought(model.present, text), life);
  }),
);

const save = fc.option(fc.constantFrom("red", "blue"), { freq: 3 }).map((name) =>
  command(`save(${name ?? ""})`, async (model, life) => {
    const entry = await life.agent.checkpoint(name);
    expect(entry).toMatchObject({ number: 1, name, kept: true });
    model.kept.add(entry.file);
  }),
);

const saveNothing = fc.constant(
  command("save what has been saved", async (model, life) => {
    const before = await model.checkpoints(life.agent);
    await life.agent.save();
    if (model.present.seen !== undefined) expect(await life.agent.checkpoints()).toHaveLength(before.length);
  }),
);

const load = fc.record({ by: fc.constantFrom("name", "number", "file"), share }).map(({ by, share }) =>
  command(`load by ${by} (${share})`, async (model, life) => {
    const entries = await model.checkpoints(life.agent);
    const named = entries.filter(({ name }) => name !== null);
    const chosen = pick(by === "name" && named.length > 0 ? named : entries, share);
    // Of checkpoints with the same name, the newest.
    const entry = entries.find(({ name }) => name !== null && name === chosen.name) ?? chosen;
    const which = { name: entry.name ?? String(entry.number), number: String(chosen.number), file: chosen.file }[by];
    const target = by === "name" ? entry : chosen;

    const { checkpoint, change } = await life.agent.loadCheckpoint(which);

    expect(checkpoint.file).toBe(target.file);
    expect(sorted(change)).toEqual(changeBetween(model.present, model.ledger.checkpoint(target.file)));
    await went(model, life, target.file, { saved: true });
  }),
);

/** The agent went to a checkpoint. Going to where it is may be told as an action, or not. */
async function went(model: Model, life: Life, file: string, { saved }: { saved: boolean }): Promise<void> {
  const world = model.ledger.checkpoint(file);
  const isSame = content(world) === content(model.present);
  if (isSame && (await life.agent.actions(1000)).length === model.ledger.depth) return;
  model.act(world, life, { saved: saved && !isSame });
}

function content({ log, blocks, archive }: World): string {
  return JSON.stringify({ log, blocks, archive });
}

const restart = fc.constant(command("restart", (_, life) => life.restart()));
const kill = fc.constant(command("kill", (_, life) => life.kill()));

const revertByHand = share.map((share) =>
  command(`delete newer checkpoints (${share})`, async (model, life) => {
    const { last, newest } = await life.revertByHand((files) => {
      model.ledger.noteCheckpoints(files);
      return pick(files, share);
    });
    for (const file of model.kept) if (file > newest) model.away.add(file);
    for (const file of model.away) model.kept.delete(file);
    if (newest !== last) await went(model, life, newest, { saved: false });
  }),
);

const putBack = fc.constant(
  command("put deleted checkpoints back", async (model, life) => {
    const { last, newest } = await life.putBack((files) => {
      model.ledger.noteCheckpoints(files);
    });
    for (const file of model.away) model.kept.add(file);
    model.away.clear();
    if (newest !== last) await went(model, life, newest, { saved: false });
  }),
);

/** What an agent has behind it before anything is done to it. */
export const opening: fc.Arbitrary<Command[]> = fc.array(send, { maxLength: 6, size: "max" });

/** Whatever a person can do to an agent. Without something said there is nothing to take back. */
export const commands: fc.Arbitrary<Command>[] = [
  ...[send, send, send, send, send, send, send, send, retry, retry, pop, pop, undo, redo, redo, undoAll],
  ...[
    backAndForth,
    backAndForth,
    backAndForth,
    rewrite,
    rethink,
    save,
    saveNothing,
    load,
    load,
    restart,
    kill,
    revertByHand,
    putBack,
  ],
];
