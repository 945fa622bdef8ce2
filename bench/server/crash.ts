import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemGPT, envelopeText } from "memgpt";
import { seeded } from "../../test/crash/random.ts";
import { type Figures, rounded } from "../figures.ts";
import { Client } from "./client.ts";
import { Program } from "./program.ts";

/** Concurrent clients, each with its own agent. */
const CLIENTS = 8;

/** Milliseconds before a failed request is repeated. */
const BEFORE_AGAIN = 50;

type Talk = { readonly id: string; readonly folder: string; readonly acknowledged: string[] };

/**
 * Kills a server again and again in the middle of turns. Its clients resend unanswered messages under the same `otid`. In the
 * end every agent must have each acknowledged message, once and in order.
 */
export async function crashServer({ rounds, seed }: { rounds: number; seed: number }): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  const home = join(folder, "home");
  mkdirSync(home);
  const started = performance.now();
  try {
    const { talks, repeated } = await killed(home, rounds, seed);
    const faults = await faultsIn(home, talks);
    return {
      seed,
      rounds,
      clients: CLIENTS,
      seconds: rounded((performance.now() - started) / 1000, 1),
      acknowledged: talks.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0),
      repeated,
      faults,
      ok: faults.length === 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killed(home: string, rounds: number, seed: number): Promise<{ talks: Talk[]; repeated: number }> {
  const random = seeded(seed);
  let program = await Program.server(home, CLIENTS);
  const talks: Talk[] = [];
  const setup = new Client(program.url);
  for (let n = 0; n < CLIENTS; n += 1) {
    const folder = `agent ${n}`;
    const { body } = await setup.ask("POST", "/v1/agents", { body: { name: folder } });
    talks.push({ id: (JSON.parse(body) as { id: string }).id, folder, acknowledged: [] });
  }
  setup.close();
  let [isOver, repeated, heardSinceStart] = [false, 0, 0];
  const talking = talks.map(async ({ id, acknowledged }) => {
    while (!isOver) {
      const content = `I have ${acknowledged.length} of ${id}.`;
      const body = { messages: [{ role: "user", content, otid: content }] };
      for (let isAnswered = false; !isAnswered;) {
        // A new client for each attempt: after a restart the server has another port.
        const client = new Client(program.url);
        const answer = await client.ask("POST", `/v1/agents/${id}/messages`, { body }).catch(() => undefined);
        client.close();
        isAnswered = answer?.status === 200;
        if (!isAnswered) await new Promise((resolve) => setTimeout(resolve, BEFORE_AGAIN));
        repeated += isAnswered ? 0 : 1;
      }
      acknowledged.push(content);
      heardSinceStart += 1;
    }
  });
  for (let round = 0; round < rounds; round += 1) {
    const until = heardSinceStart + 1 + Math.floor(random() * 20);
    while (heardSinceStart < until) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, random() * 10));
    await program.kill();
    program = await Program.server(home, CLIENTS);
  }
  isOver = true;
  await Promise.all(talking);
  await program.stop();
  return { talks, repeated };
}

/** Differences between what an agent stored and what was acknowledged. */
async function faultsIn(home: string, talks: readonly Talk[]): Promise<string[]> {
  const memgpt = await MemGPT.open({ dir: home, env: {} });
  const faults: string[] = [];
  for (const { folder, acknowledged } of talks) {
    const heard: (string | undefined)[] = [];
    await memgpt.readAgent(folder, async ({ recall }) => {
      for await (const message of recall.all()) {
        if (message.role === "user" && message.event === "user_message") heard.push(envelopeText(message.content));
      }
    });
    const at = acknowledged.findIndex((text, index) => heard[index] !== text);
    if (at < 0 && heard.length === acknowledged.length) continue;
    faults.push(`${folder}: ${heard.length} heard, ${acknowledged.length} acknowledged, differing from number ${at}`);
  }
  await memgpt.close();
  return faults;
}
