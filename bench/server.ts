import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Figures, rounded, summarize } from "./figures.ts";
import { readOptions } from "./options.ts";
import { Program } from "./server/program.ts";
import { Client, type Load } from "./server/client.ts";
import { besideOthers } from "./server/cost.ts";
import { firstBytes } from "./server/first-byte.ts";
import { saturation } from "./server/saturation.ts";
import { type World, build } from "./server/world.ts";

const USAGE =
  "server [--agents 500] [--users 100] [--messages 600] [--at-once 16] [--streams 1000] [--most-open 256] [--seed 1]";

/** Starts of the server; the median is reported. */
const STARTS = 5;

/** Concurrent requests for one agent, far more than may wait. */
const FLOOD = 200;

/**
 * A server on loopback with the practice model: the cost of a message through REST, in this process, and to a bare hono route;
 * many users' agents, Zipf-distributed; open streams; the first streamed byte; and starting with many agents.
 */
export async function server(args: readonly string[]): Promise<Figures> {
  const numbers = { agents: 500, users: 100, messages: 600, "at-once": 16, streams: 1000, "most-open": 256, seed: 1 };
  const { "at-once": atOnce, "most-open": mostOpen, ...others } = readOptions(args, USAGE, numbers);
  const options = { ...others, atOnce, mostOpen };
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    say(`makes ${options.agents} agents of ${options.users} users`);
    const world = await build(join(folder, "home"), options);
    say("starts");
    const start = await starts(world, options);
    say("one message at a time");
    const cost = await besideOthers(folder, options.messages);
    say("many at once");
    const load = await underLoad(world, options);
    say("first streamed byte");
    const first_byte = await firstBytes(folder, Math.min(100, options.messages));
    return { options, start, ...cost, ...load, first_byte };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Options = Readonly<Record<"messages" | "atOnce" | "streams" | "mostOpen" | "seed", number>>;

/** Milliseconds until the server prints its address, and until it has listed a user's agents. */
async function starts({ home, users }: World, { mostOpen }: Options): Promise<Figures> {
  const [ready, listed]: [number[], number[]] = [[], []];
  for (let run = 0; run < STARTS; run += 1) {
    const started = performance.now();
    const program = await Program.server(home, mostOpen);
    ready.push(performance.now() - started);
    const client = new Client(program.url);
    await client.ask("GET", "/v1/agents?limit=50", { token: users[0]?.token });
    listed.push(performance.now() - started);
    client.close();
    await program.stop();
  }
  return { until_ready: summarize(ready), until_a_list: summarize(listed) };
}

async function underLoad(world: World, { messages, atOnce, streams, mostOpen, seed }: Options): Promise<Figures> {
  const program = await Program.server(world.home, mostOpen);
  const client = new Client(program.url);
  try {
    const before = program.usage();
    const load = await client.load({ world, messages, atOnce, seed });
    const after = program.usage();
    say("more and more, whether or not it keeps up");
    const served = load.times.length / load.seconds;
    const rates = await saturation(client, world, { served, seed: seed + 2 });
    const full = program.usage();
    // A closed agent: with the practice model an open one answers each message before the next is read.
    const one = world.users.at(-1)?.agents.at(-1);
    if (one === undefined) throw new Error("the world is empty");
    const flood = await client.flood(one, FLOOD);
    say(`${streams} streams`);
    const open = await client.openStreams(world, streams);
    const meanwhile = await client.load({ world, messages: Math.ceil(messages / 4), atOnce: 1, seed: seed + 1 });
    const usage = program.usage();
    const ended = await client.endStreams();
    return {
      zipf: { ...shown(load), usage_before: before, usage: after },
      saturation: { rates, usage: full },
      flood: { at_once: FLOOD, ...flood },
      streams: { open, still_open: ended, messages_meanwhile: shown(meanwhile), usage },
    };
  } finally {
    client.close();
    await program.stop();
  }
}

function shown({ times, seconds, statuses }: Load): Figures {
  return { message: summarize(times), requests_per_second: rounded(times.length / seconds, 1), statuses };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
