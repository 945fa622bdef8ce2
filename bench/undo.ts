import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Agent, MemGPT } from "memgpt";
import { type Random, seeded } from "../test/crash/random.ts";
import { type Figures, UsageError, count, ratio, summarize, timed } from "./figures.ts";
import { build, nameOf } from "./history.ts";
import { RawTurn } from "./raw.ts";
import { contentWord } from "./vocabulary.ts";

const USAGE = "undo [--sizes 1000,200000] [--turns 120] [--warm 15] [--seed 1] [--dir FOLDER]";

/** The time to undo a turn, redo it, and pop three messages, for several lengths of history. */
export async function undo(args: readonly string[]): Promise<Figures> {
  const options = readOptions(args);
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    for (const size of options.sizes) await build(dir, size);
    const { sizes, turns, seed } = options;
    return { sizes, turns, seed, ...(await measure(dir, options)) };
  } finally {
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

type Options = ReturnType<typeof readOptions>;

function readOptions(args: readonly string[]): {
  sizes: number[];
  turns: number;
  warm: number;
  seed: number;
  dir: string | undefined;
} {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        sizes: { type: "string", default: "1000,200000" },
        turns: { type: "string", default: "120" },
        warm: { type: "string", default: "15" },
        seed: { type: "string", default: "1" },
        dir: { type: "string" },
      },
    });
    const number = (name: "turns" | "warm" | "seed"): number => count(values[name], name);
    const sizes = values.sizes.split(",").map((size) => count(size, "sizes"));
    return { sizes, turns: number("turns"), warm: number("warm"), seed: number("seed"), dir: values.dir };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

const KINDS = ["undo", "redo", "undo_again", "pop"] as const;
type Kind = (typeof KINDS)[number];

/** One length of history: its agent, the bare library, and the measurements of both. */
type Subject = {
  readonly size: number;
  readonly agent: Agent;
  readonly raw: RawTurn;
  readonly random: Random;
  readonly times: Record<Kind | "raw", number[]>;
};

async function measure(dir: string, { sizes, turns, warm, seed }: Options): Promise<Figures> {
  const memgpt = await MemGPT.open({ dir, env: {} });
  const scratch = mkdtempSync(join(tmpdir(), "memgpt-bench-raw-"));
  const subjects: Subject[] = [];
  try {
    for (const size of sizes) {
      const [agent, raw] = [await memgpt.openAgent(nameOf(size)), await RawTurn.open(scratch, size)];
      const times = { undo: [], redo: [], undo_again: [], pop: [], raw: [] };
      subjects.push({ size, agent, raw, random: seeded(seed), times });
    }
    for (let round = -warm; round < turns; round += 1) {
      if (round === 0) for (const { times } of subjects) for (const list of Object.values(times)) list.length = 0;
      // The first one finds colder caches.
      for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) await runRound(subject);
    }
    return report(subjects);
  } finally {
    for (const { raw } of subjects) raw.close();
    await memgpt.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A turn that writes to core memory, and the commands that revert it. */
async function runRound({ agent, raw, random, times }: Subject): Promise<void> {
  const before = await agent.recall.size();
  await agent.ask(`My ${contentWord(random)} is called ${contentWord(random)}, near the ${contentWord(random)}.`);
  const added = (await agent.recall.size()) - before;
  await timed(times.undo, () => agent.undo());
  await timed(times.redo, () => agent.redo());
  await timed(times.undo_again, () => agent.undo());
  // What the command reports leaves out the summary, where the turn flushed the queue.
  const left = (await agent.recall.size()) - before;
  if (left !== 0) throw new Error(`${added} messages were added, and ${left} are left after undo`);
  await agent.redo();
  await timed(times.pop, () => agent.pop());
  await timed(times.raw, () => {
    raw.run(added);
  });
}

function report(subjects: readonly Subject[]): Figures {
  const by = (kind: Kind | "raw"): Figures =>
    Object.fromEntries(subjects.map(({ size, times }) => [`history_${size}`, summarize(times[kind])]));
  const kinds = KINDS.map((kind) => [kind, { time: by(kind), ratio: ratio(by(kind)) }]);
  return { ...(Object.fromEntries(kinds) as Figures), raw_library: by("raw") };
}
