import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Figures, rounded } from "../figures.ts";

const TALKER = fileURLToPath(new URL("drivers/talker.ts", import.meta.url));

export type Talking = {
  readonly url: string;
  readonly folder: string;
  /** Seconds to measure each number of processes. */
  readonly seconds: number;
  /** Number of agents to distribute, and their name before a number from 0. */
  readonly agents: number;
  readonly prefix: string;
};

/** Turns a second with 1, 2 and 4 processes, each with its own agents. */
export async function processFigures(talking: Talking): Promise<Figures> {
  const figures: Record<string, Figures> = {};
  for (const processes of [1, 2, 4]) {
    const turns = await talk(talking, processes);
    figures[`processes_${processes}`] = { turns, per_second: rounded(turns / talking.seconds, 1) };
  }
  return figures;
}

async function talk(talking: Talking, processes: number): Promise<number> {
  const talkers = Array.from(
    { length: processes },
    (_, process) => new Talker([JSON.stringify(talking), String(process), String(processes)]),
  );
  for (const talker of talkers) await talker.line();
  for (const talker of talkers) talker.go();
  const turns = await Promise.all(talkers.map(async (talker) => Number(await talker.line())));
  await Promise.all(talkers.map(async (talker) => talker.ended));
  return turns.reduce((total, count) => total + count, 0);
}

class Talker {
  readonly ended: Promise<unknown>;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, ["--import", "tsx", TALKER, ...args], { stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("A process ended before its time");
    return line.value;
  }

  go(): void {
    this.#child.stdin.write("go\n");
  }
}
