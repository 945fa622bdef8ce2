import type { Agent } from "memgpt";
import { openAgent } from "../../src/host/agents.ts";
import type { Household } from "../../src/host/household.ts";
import { type Figures, ratio, rounded, quantile, summarize, timed } from "../figures.ts";
import type { TimedLlm } from "../timed-llm.ts";
import { RawTurns } from "./raw.ts";
import type { ScratchDatabase } from "./scratch-database.ts";

const WARM_UP = 15;

const KINDS = ["turn", "model", "commit", "checkpoint", "raw_commit", "raw_checkpoint", "undo", "redo"] as const;
type Kind = (typeof KINDS)[number];

type Subject = {
  readonly size: number;
  readonly agent: Agent;
  readonly raw: RawTurns;
  readonly times: Record<Kind, number[]>;
  /** Statements of a turn with its checkpoint. */
  readonly statements: number[];
};

export type Means = { readonly database: ScratchDatabase; readonly house: Household; readonly llm: TimedLlm };

/** The time of a turn, its commit, its checkpoint and its undo, by length of history, next to the driver alone. */
export async function turnFigures(
  { database, house, llm }: Means,
  agents: ReadonlyMap<number, string>,
  turns: number,
): Promise<Figures> {
  const subjects: Subject[] = [];
  try {
    for (const [size, name] of agents) {
      subjects.push({
        size,
        agent: await openAgent(house, name, {}, {}),
        raw: await RawTurns.open(database.url, size, size),
        times: noTimes(),
        statements: [],
      });
    }
    for (let round = -WARM_UP; round < turns; round += 1) {
      if (round === 0) for (const { times } of subjects) for (const kind of KINDS) times[kind].length = 0;
      // The first one finds colder caches.
      for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) await runRound(subject, database, llm);
    }
    return report(subjects);
  } finally {
    for (const { agent, raw } of subjects) {
      await agent.close();
      await raw.close();
    }
  }
}

/** A turn of one step with its checkpoint, the same rows stored by the driver alone, and its undo. */
async function runRound(subject: Subject, database: ScratchDatabase, llm: TimedLlm): Promise<void> {
  const { agent, raw, statements } = subject;
  const times = noTimes();
  const before = await agent.recall.size();
  llm.takeSpent();
  database.take();
  const steps = await timed(times.turn, async () => stepsOf(agent));
  times.model.push(llm.takeSpent());
  const committed = database.take();
  times.commit.push(committed.ms);
  await timed(times.checkpoint, () => agent.save());
  const checkpointed = database.take();
  const added = await agent.recall.latest((await agent.recall.size()) - before);
  await timed(times.raw_commit, () => raw.commit(added, JSON.stringify(agent.state)));
  await timed(times.raw_checkpoint, () => raw.checkpoint());
  await timed(times.undo, () => agent.undo());
  await timed(times.redo, () => agent.redo());
  // So that the other agent's turn does not wait for this one's writes.
  await agent.save();
  // Occasionally this includes housekeeping.
  if (steps > 1) return;
  statements.push(committed.statements + checkpointed.statements);
  for (const kind of KINDS) subject.times[kind].push(...times[kind]);
}

function noTimes(): Record<Kind, number[]> {
  return { turn: [], model: [], commit: [], checkpoint: [], raw_commit: [], raw_checkpoint: [], undo: [], redo: [] };
}

/** A turn with only a reply. @returns the number of its steps: one. */
async function stepsOf(agent: Agent): Promise<number> {
  for await (const event of agent.send("Thanks!")) if (event.type === "turn_end") return event.steps;
  return 0;
}

function report(subjects: readonly Subject[]): Figures {
  const by = (kind: Kind): Figures =>
    Object.fromEntries(subjects.map(({ size, times }) => [`history_${size}`, summarize(times[kind])]));
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, by(kind)]));
  const middle = (...of: readonly Kind[]): number =>
    quantile(
      subjects.flatMap(({ times }) => times.turn.map((_, i) => sum(of.map((kind) => times[kind][i] ?? 0)))),
      0.5,
    );
  const model = middle("model");
  return {
    ...kinds,
    ratio: { turn: ratio(by("turn")), checkpoint: ratio(by("checkpoint")), undo: ratio(by("undo")) },
    statements_per_turn: quantile(
      subjects.flatMap(({ statements }) => statements),
      0.5,
    ),
    times_raw_commit_alone: rounded(middle("commit") / middle("raw_commit"), 2),
    times_raw_without_model: rounded((middle("turn") - model) / middle("raw_commit"), 2),
    times_raw_with_checkpoint: rounded(
      (middle("turn", "checkpoint") - model) / middle("raw_commit", "raw_checkpoint"),
      2,
    ),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
