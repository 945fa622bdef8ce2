import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Library from "memgpt";
import type { Agent } from "memgpt";
import { type Random, seeded } from "../test/crash/random.ts";
import { built } from "./built.ts";
import { type Figures, quantile, ratio, rounded, summarize, timed } from "./figures.ts";
import { counts, readOptions } from "./options.ts";
import { build, nameOf } from "./history.ts";
import { opening } from "./opening.ts";
import { RawTurn } from "./raw.ts";
import { TimedLlm } from "./timed-llm.ts";
import { contentWord } from "./vocabulary.ts";

const SIZES = "1000,200000";
const USAGE = "turn [--sizes 1000,200000] [--turns 120] [--warm 15] [--runs 15] [--seed 1] [--dir FOLDER]";
const SEARCHES = new Set(["conversation_search", "conversation_search_date"]);

/** A message, and whether the model must search recall storage to answer it. */
const KINDS = {
  statement: {
    search: false,
    message: (random: Random) => `The ${contentWord(random)} near the ${contentWord(random)} was wonderful today.`,
  },
  search: {
    search: true,
    message: (random: Random) => `What did I tell you about the ${contentWord(random)} and the ${contentWord(random)}?`,
  },
} as const;
type Kind = keyof typeof KINDS;

/**
 * The time of a turn of the built library from the message to its last event, of the model's answers in it, and of the
 * checkpoint written after it, for several lengths of history in turn.
 */
export async function turn(args: readonly string[]): Promise<Figures> {
  const numbers = { turns: 120, warm: 15, runs: 15, seed: 1 };
  const { dir: kept, sizes: list = SIZES, ...options } = readOptions(args, USAGE, numbers, ["sizes", "dir"]);
  const sizes = counts(list, "sizes");
  const dir = kept ?? mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    for (const size of sizes) await build(dir, size);
    const measured = await measure(dir, { ...options, sizes });
    const open = opening(dir, sizes.map(nameOf), options.runs);
    const { turns, runs, seed } = options;
    return { sizes, turns, runs, seed, ...measured, open, open_ratio: ratio(open) };
  } finally {
    if (kept === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

type Options = { readonly sizes: readonly number[] } & Readonly<Record<"turns" | "warm" | "seed", number>>;

/** One length of history: its agent, the bare library, and the measurements of both. */
type Subject = {
  readonly size: number;
  readonly agent: Agent;
  readonly raw: RawTurn;
  readonly random: Random;
  readonly turns: Record<Kind, number[]>;
  /** The model's share of it. */
  readonly models: Record<Kind, number[]>;
  /** Time to finish the checkpoint after the turn. */
  readonly checkpoints: Record<Kind, number[]>;
  /** Messages and passages that were added. */
  readonly rows: Record<Kind, number[]>;
  readonly commits: Record<Kind, number[]>;
  /** The same rows by the bare library: in one commit, and in as many as there were. */
  readonly rawTurns: Record<Kind, number[]>;
  readonly rawSteps: Record<Kind, number[]>;
};

const LISTS = ["turns", "models", "checkpoints", "rows", "commits", "rawTurns", "rawSteps"] as const;

async function measure(dir: string, { sizes, turns, warm, seed }: Options): Promise<Figures> {
  const llm = new TimedLlm();
  // What people run: through tsx, each late import would wait for another thread.
  const { MemGPT } = (await import(built("index.js"))) as typeof Library;
  const memgpt = await MemGPT.open({ dir, env: {}, llm: () => llm });
  const scratch = mkdtempSync(join(tmpdir(), "memgpt-bench-raw-"));
  const subjects: Subject[] = [];
  try {
    for (const size of sizes) {
      const [agent, raw] = [await memgpt.openAgent(nameOf(size)), await RawTurn.open(scratch, size)];
      const none = (): Record<Kind, number[]> => ({ statement: [], search: [] });
      subjects.push({
        size,
        agent,
        raw,
        random: seeded(seed),
        turns: none(),
        models: none(),
        checkpoints: none(),
        rows: none(),
        commits: none(),
        rawTurns: none(),
        rawSteps: none(),
      });
    }
    for (let round = -warm; round < turns; round += 1) {
      if (round === 0) for (const subject of subjects) forget(subject);
      // The first one finds colder caches.
      for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) await runRound(subject, llm);
    }
    return report(subjects);
  } finally {
    for (const { raw } of subjects) raw.close();
    await memgpt.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function runRound(subject: Subject, llm: TimedLlm): Promise<void> {
  const { agent, raw, random, turns, models, checkpoints, rows, commits, rawTurns, rawSteps } = subject;
  const size = async (): Promise<number> => (await agent.recall.size()) + (await agent.archival.size());
  for (const kind of kinds()) {
    const { message, search } = KINDS[kind];
    const text = message(random);
    const before = await size();
    llm.takeSpent();
    const { searched, steps } = await timed(turns[kind], () => run(agent, text));
    models[kind].push(llm.takeSpent());
    await timed(checkpoints[kind], () => agent.save());
    if (searched !== search) throw new Error(`"${text}" ${searched ? "made" : "did not make"} the model search`);
    const added = (await size()) - before;
    rows[kind].push(added);
    commits[kind].push(steps);
    await timed(rawTurns[kind], () => {
      raw.run(added);
    });
    await timed(rawSteps[kind], () => {
      raw.run(added, steps);
    });
  }
}

/** @returns whether the model searched recall storage, and the number of steps, each a commit. */
async function run(agent: Agent, message: string): Promise<{ searched: boolean; steps: number }> {
  let [searched, steps] = [false, 0];
  for await (const event of agent.send(message)) {
    if (event.type === "turn_end") break;
    if (event.type === "step_end") steps += 1;
    searched ||= event.type === "function_call" && SEARCHES.has(event.call.name);
  }
  return { searched, steps };
}

function forget(subject: Subject): void {
  for (const list of LISTS) for (const kind of kinds()) subject[list][kind].length = 0;
}

function report(subjects: readonly Subject[]): Figures {
  const figures = kinds().map((kind) => {
    const by = (pick: (subject: Subject) => number[]): Figures =>
      Object.fromEntries(subjects.map((subject) => [`history_${subject.size}`, summarize(pick(subject))]));
    const [own, bare] = [by(({ turns }) => turns[kind]), by(({ rawTurns }) => rawTurns[kind])];
    const checkpoint = by(({ checkpoints }) => checkpoints[kind]);
    const model = by(({ models }) => models[kind]);
    const middle = (pick: (subject: Subject) => number[]): number => quantile(subjects.flatMap(pick), 0.5);
    const raw = middle(({ rawTurns }) => rawTurns[kind]);
    const times_raw = rounded(middle(({ turns }) => turns[kind]) / raw, 2);
    const memory = middle(({ turns, models }) => turns[kind].map((ms, n) => ms - (models[kind][n] ?? 0)));
    const times_raw_without_model = rounded(memory / raw, 2);
    const whole = middle(({ turns, checkpoints }) => turns[kind].map((ms, n) => ms + (checkpoints[kind][n] ?? 0)));
    const times_raw_with_checkpoint = rounded(whole / raw, 2);
    const by_step = middle(({ rawSteps }) => rawSteps[kind]);
    const times_raw_by_step = rounded(middle(({ turns }) => turns[kind]) / by_step, 2);
    const rows_per_turn = middle(({ rows }) => rows[kind]);
    const commits_per_turn = middle(({ commits }) => commits[kind]);
    const times = { times_raw, times_raw_without_model, times_raw_with_checkpoint, times_raw_by_step };
    const beside = { checkpoint, raw_library: bare, raw_ratio: ratio(bare), ...times };
    return [kind, { turn: own, ratio: ratio(own), rows_per_turn, commits_per_turn, model, ...beside }];
  });
  return Object.fromEntries(figures) as Figures;
}

function kinds(): Kind[] {
  return ["statement", "search"];
}
