import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { MemGPT } from "memgpt";
import { describe } from "../../src/errors.ts";
import type { Acknowledged, Autopsy } from "./autopsy.ts";
import { messageOf } from "./messages.ts";
import { type Place, inDatabase, inFiles } from "./places.ts";
import { type Random, integer, seeded } from "./random.ts";
import { BUILT_PACKAGE } from "../support/built.ts";

const VICTIM = fileURLToPath(new URL("drivers/victim.ts", import.meta.url));

/** An agent is killed in so many rounds, so that crashes follow on crashes, and then another one is made. */
const ROUNDS_PER_AGENT = 8;
const AFTER_ACK_MS = { least: 20, most: 400 };
/** From before the agent is touched until about its first answer. */
const START_UP_MS = { least: 0, most: 120 };
/** A process that starts on a machine with a load of twenty takes more than half a minute. */
const DEADLINE_MS = 120_000;

export type CrashOptions = {
  readonly rounds: number;
  readonly seed: number;
  /** URL of a PostgreSQL database for the agents; files if absent. */
  readonly database?: string | undefined;
  /** Told after every round. */
  readonly report?: (line: string) => void;
};

/** What came of it. The lists name what was wrong, with the round; all of them empty is success. */
export type CrashTally = {
  readonly rounds: number;
  readonly startUpRounds: number;
  readonly acknowledged: number;
  readonly operations: number;
  readonly work: { blockEdits: number; passages: number; flushes: number };
  /** How often each of the other operations was finished. */
  readonly commands: Record<string, number>;
  readonly lost: string[];
  readonly halfSteps: string[];
  readonly integrityFailures: string[];
  readonly recoveryFailures: string[];
};

/** Lets a process talk to an agent, kills it at a random moment, and examines what it left; again and again. */
export async function crashRounds({ rounds, seed, database, report }: CrashOptions): Promise<CrashTally> {
  const random = seeded(seed);
  const tally = emptyTally(rounds);
  let place: Place | undefined;
  let acknowledged = 0;
  let broken = false;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      // Each home's faults are reported once.
      if (place === undefined || broken || (round - 1) % ROUNDS_PER_AGENT === 0) {
        if (place !== undefined) await bury(place, tally);
        place = database === undefined ? inFiles() : inDatabase(database);
        acknowledged = 0;
      }
      const moment = momentOf(random, round);
      const { heard, ended } = await runVictim(place, acknowledged + 1, moment);
      for (const command of heard.commands) tally.commands[command] = (tally.commands[command] ?? 0) + 1;
      tally.acknowledged += Math.max(0, heard.last - acknowledged);
      acknowledged = Math.max(acknowledged, heard.last);
      const faults = faultCount(tally);
      if (ended !== undefined) fault(tally.recoveryFailures, round)(`it could not go on: ${ended}`);
      const autopsy = await examineRound(place, { ...heard, last: acknowledged }, round, tally);
      acknowledged = heard.wiping ? (autopsy?.highest ?? 0) : Math.max(acknowledged, autopsy?.highest ?? 0);
      acknowledged = await recover(place, acknowledged, autopsy, fault(tally.recoveryFailures, round));
      broken = faultCount(tally) > faults;
      const verdict = broken ? `FAULTY: ${faultsOf(tally, round).join("; ")}` : "ok";
      report?.(`round ${round}: killed ${moment.ms} ms after ${moment.after}, ${acknowledged} messages, ${verdict}`);
    }
    if (place !== undefined) await bury(place, tally);
    place = undefined;
    return tally;
  } finally {
    await place?.remove();
  }
}

type Tally = { -readonly [Key in keyof CrashTally]: CrashTally[Key] };

function emptyTally(rounds: number): Tally {
  const work = { blockEdits: 0, passages: 0, flushes: 0 };
  const none = { lost: [], halfSteps: [], integrityFailures: [], recoveryFailures: [] };
  return {
    rounds,
    startUpRounds: Math.ceil(rounds / START_UP_EVERY),
    acknowledged: 0,
    operations: 0,
    work,
    commands: {},
    ...none,
  };
}

function faultsOf({ lost, halfSteps, integrityFailures, recoveryFailures }: CrashTally, round: number): string[] {
  const all = [...lost, ...halfSteps, ...integrityFailures, ...recoveryFailures];
  return all.filter((what) => what.startsWith(`round ${round}: `)).map((what) => what.slice(what.indexOf(":") + 2));
}

export function faultCount({ lost, halfSteps, integrityFailures, recoveryFailures }: CrashTally): number {
  return lost.length + halfSteps.length + integrityFailures.length + recoveryFailures.length;
}

/** Every fourth round dies while it starts: the first of a home while the agent is made, later ones while it is opened. */
const START_UP_EVERY = 4;

type Moment = { readonly after: "start" | "ack"; readonly ms: number };

function momentOf(random: Random, round: number): Moment {
  const after = round % START_UP_EVERY === 1 ? "start" : "ack";
  const { least, most } = after === "start" ? START_UP_MS : AFTER_ACK_MS;
  return { after, ms: least + integer(random, most - least + 1) };
}

/** What the victim said before it died. */
type Heard = { last: number; draft: number | undefined; wiping: boolean; readonly commands: string[] };

/** @returns what it said, and why it ended if nobody killed it. */
async function runVictim(
  { dir, database, name }: Place,
  first: number,
  { after, ms }: Moment,
): Promise<{ heard: Heard; ended: string | undefined }> {
  const child = spawn(process.execPath, ["--import", "tsx", VICTIM, JSON.stringify({ dir, database, name, first })], {
    env: { ...process.env, ...BUILT_PACKAGE },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = text(child.stderr);
  const deadline = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
  const ended = exited(child);
  const heard: Heard = { last: 0, draft: undefined, wiping: false, commands: [] };
  let timer: NodeJS.Timeout | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, what = ""] = line.split(" ");
    if (word === "ack") Object.assign(heard, { last: Number(what), draft: undefined, wiping: false });
    if (word === "draft") heard.draft = Number(what);
    // It goes away and comes back: until then it may be there or not.
    if (word === "takes") heard.last = Number(what) - 1;
    if (word === "wipes") heard.wiping = true;
    if (word === "did") heard.commands.push(what);
    if (word === after) timer ??= setTimeout(() => child.kill("SIGKILL"), ms);
  }
  const { code, signal } = await ended;
  clearTimeout(deadline);
  clearTimeout(timer);
  const killed = signal === "SIGKILL";
  const late = `it did nothing that can be heard in ${DEADLINE_MS / 1000} seconds`;
  const crashed = `code ${code ?? signal ?? "unknown"}, ${/^\w*Error: .*$/m.exec(await said)?.[0] ?? (await said)}`;
  return { heard, ended: killed ? (timer === undefined ? late : undefined) : crashed };
}

async function exited(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      resolve({ code, signal });
    });
  });
}

function fault(faults: string[], round: number): (what: string) => void {
  return (what) => {
    faults.push(`round ${round}: ${what}`);
  };
}

async function examineRound(
  place: Place,
  acknowledged: Acknowledged,
  round: number,
  tally: Tally,
): Promise<Autopsy | undefined> {
  const autopsy = await place.examine(acknowledged);
  if (autopsy === undefined) {
    if (acknowledged.last > 0) fault(tally.lost, round)("the agent is gone");
    return undefined;
  }
  const { integrity, lost, halfSteps } = autopsy.findings;
  integrity.forEach(fault(tally.integrityFailures, round));
  lost.forEach(fault(tally.lost, round));
  halfSteps.forEach(fault(tally.halfSteps, round));
  return autopsy;
}

/** Opens what is left as a person would and goes on talking. @returns the number of the last message. */
async function recover(
  place: Place,
  acknowledged: number,
  autopsy: Autopsy | undefined,
  complain: (text: string) => void,
): Promise<number> {
  const { dir, database, name } = place;
  const memgpt = await MemGPT.open({ dir, env: {}, database });
  try {
    const known = await memgpt.hasAgent(name);
    const agent = known ? await memgpt.openAgent(name) : await memgpt.createAgent({ name, contextWindow: 4096 });
    if (
      autopsy?.state !== undefined &&
      !isDeepStrictEqual({ ...agent.state, shown: null }, { ...autopsy.state, shown: null })
    ) {
      complain("the agent that was opened is not the one that was stored");
    }
    let replied = false;
    for await (const event of agent.send(messageOf(acknowledged + 1))) {
      if (event.type === "notice") complain(`notice ${event.code}: ${event.text}`);
      if (event.type === "turn_end") replied = event.reply !== null;
    }
    if (!replied) complain("no reply to the next message");
    const { state } = agent;
    await agent.close();
    const checkpoint = await place.newest();
    if (checkpoint.isDamaged) complain("a checkpoint is damaged");
    if (!isDeepStrictEqual(checkpoint.state, state)) complain("the newest checkpoint is not the agent's state");
    return acknowledged + 1;
  } catch (error) {
    complain(describe(error));
    return acknowledged;
  } finally {
    await memgpt.close();
  }
}

/** Counts what was done to an agent, and removes it. */
async function bury(place: Place, tally: Tally): Promise<void> {
  const autopsy = await place.examine({ last: 0 });
  tally.operations += autopsy?.operations ?? 0;
  tally.work.blockEdits += autopsy?.work.blockEdits ?? 0;
  tally.work.passages += autopsy?.work.passages ?? 0;
  tally.work.flushes += autopsy?.work.flushes ?? 0;
  await place.remove();
}
