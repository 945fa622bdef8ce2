import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { MemGPT, envelopeText } from "memgpt";
import { integer, seeded } from "../../test/crash/random.ts";
import { type Figures, rounded } from "../figures.ts";
import { Client } from "../server/client.ts";
import { Program } from "../server/program.ts";

const AGENTS = 16;
/** Concurrent people, each talking to random agents through either server. */
const PEOPLE = 6;
/** Milliseconds before a failed request is repeated, unless the answer says. */
const BEFORE_AGAIN = 100;

export type Killing = {
  readonly url: string;
  readonly seconds: number;
  readonly seed: number;
  /** Seconds between two kills. */
  readonly every?: number;
};

type Talker = { readonly id: string; readonly name: string; readonly acknowledged: string[] };

/**
 * Two servers of one database. Messages to random agents go through both, and every few seconds one of the two is killed and
 * restarted; unanswered messages are resent under the same `otid` to either. In the end every acknowledged message must be
 * stored once, and nothing else.
 */
export async function crashServers({ url, seconds, seed, every = 10 }: Killing): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  const home = join(folder, "home");
  mkdirSync(home);
  try {
    const { agents, kills, repeated, slowest } = await talk({ url, seconds, seed, every }, home);
    const faults = await faultsIn(url, home, agents);
    const acknowledged = agents.reduce((sum, agent) => sum + agent.acknowledged.length, 0);
    return {
      ...{ seed, seconds, agents: AGENTS, kills, acknowledged, repeated },
      slowest_answer_s: rounded(slowest / 1000, 1),
      faults,
      ok: faults.length === 0 && acknowledged > 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Talk = { agents: Talker[]; kills: number; repeated: number; slowest: number };

async function talk({ url, seconds, seed, every }: Required<Killing>, home: string): Promise<Talk> {
  const start = async (): Promise<Program> => Program.server(home, AGENTS, { MEMGPT_DATABASE: url });
  const servers = [await start(), await start()];
  const agents = await made(servers[0]?.url ?? "");
  const random = seeded(seed);
  // Count messages, not time, so that a slow machine does as many.
  const planned = Math.floor(seconds / every) - 1;
  let isOver = false;
  const talk = { agents, kills: 0, repeated: 0, slowest: 0 };
  const people = Array.from({ length: PEOPLE }, async (_, person) => {
    for (let n = 0; !isOver; n += 1) {
      const agent = agents[integer(random, AGENTS)];
      if (agent === undefined) return;
      const text = `I am person ${person}, and this is number ${n}.`;
      const asked = performance.now();
      while (!(await send(servers[integer(random, 2)]?.url ?? "", agent, text))) talk.repeated += 1;
      agent.acknowledged.push(text);
      talk.slowest = Math.max(talk.slowest, performance.now() - asked);
    }
  });
  while (talk.kills < planned) {
    await setTimeout(every * 1000);
    const killed = integer(random, 2);
    await servers[killed]?.kill();
    talk.kills += 1;
    servers[killed] = await start();
  }
  await setTimeout(every * 1000);
  isOver = true;
  await Promise.all(people);
  for (const server of servers) await server.stop();
  return talk;
}

async function made(url: string): Promise<Talker[]> {
  const client = new Client(url);
  const agents: Talker[] = [];
  for (let n = 0; n < AGENTS; n += 1) {
    const name = `agent ${n}`;
    const { body } = await client.ask("POST", "/v1/agents", { body: { name } });
    agents.push({ id: (JSON.parse(body) as { id: string }).id, name, acknowledged: [] });
  }
  client.close();
  return agents;
}

/** Sends a message, or sends it again. @returns whether it was acknowledged. */
async function send(url: string, { id }: Talker, text: string): Promise<boolean> {
  const client = new Client(url);
  const body = { messages: [{ role: "user", content: text, otid: text }] };
  const answer = await client.ask("POST", `/v1/agents/${id}/messages`, { body }).catch(() => undefined);
  client.close();
  if (answer?.status === 200) return true;
  await setTimeout(answer?.retryAfter === undefined ? BEFORE_AGAIN : Number(answer.retryAfter) * 1000);
  return false;
}

/** Differences between what agents stored and what was acknowledged. */
async function faultsIn(database: string, dir: string, agents: readonly Talker[]): Promise<string[]> {
  const memgpt = await MemGPT.open({ dir, env: {}, database });
  const faults: string[] = [];
  for (const { name, acknowledged } of agents) {
    const heard = new Map<string, number>();
    await memgpt.readAgent(name, async ({ recall }) => {
      for await (const message of recall.all()) {
        if (message.role !== "user" || message.event !== "user_message") continue;
        const text = envelopeText(message.content) ?? "";
        heard.set(text, (heard.get(text) ?? 0) + 1);
      }
    });
    for (const text of acknowledged) {
      const times = heard.get(text) ?? 0;
      if (times !== 1) faults.push(`${name} heard ${times} times: ${text}`);
      heard.delete(text);
    }
    for (const text of heard.keys()) faults.push(`${name} heard what was not acknowledged: ${text}`);
  }
  await memgpt.close();
  return faults;
}
