import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, MemGPT } from "memgpt";
import { type Random, seeded } from "../test/crash/random.ts";
import { type Figures, ratio, summarize, timed } from "./figures.ts";
import { counts, readOptions } from "./options.ts";
import { build, nameOf } from "./history.ts";
import { RawTurn } from "./raw.ts";
import { contentWord } from "./vocabulary.ts";

const SIZES = "1000,200000";
const USAGE = "undo [--sizes 1000,200000] [--turns 120] [--warm 15] [--seed 1] [--dir FOLDER]";

/** The time to undo a turn, redo it, and pop three messages, for several lengths of history. */
export async function undo(args: readonly string[]): Promise<Figures> {
  const numbers = { turns: 120, warm: 15, seed: 1 };
  const { dir: kept, sizes: list = SIZES, ...options } = readOptions(args, USAGE, numbers, ["sizes", "dir"]);
  const sizes = counts(list, "sizes");
  const dir = kept ?? mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    for (const size of sizes) await build(dir, size);
    const { turns, seed } = options;
    return { sizes, turns, seed, ...(await measure(dir, { ...options, sizes })) };
  } finally {
    if (kept === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

type Options = { readonly sizes: readonly number[] } & Readonly<Record<"turns" | "warm" | "seed", number>>;

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
