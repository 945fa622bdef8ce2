import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { type Figures, quantile, rounded, summarize, timed } from "../figures.ts";
import { Client } from "./client.ts";
import { Program } from "./program.ts";

/** Warm-up turns. */
const WARM = 30;

/**
 * The same messages to an agent in this process, to one behind REST, and to a bare hono route, alternately, so that a busy
 * machine slows each equally.
 */
export async function besideOthers(folder: string, messages: number): Promise<Figures> {
  const [here, there] = [join(folder, "here"), join(folder, "there")];
  mkdirSync(there);
  const memgpt = await MemGPT.open({ dir: here, env: {} });
  const [program, bare] = [await Program.server(there, 16), await Program.bare()];
  const [client, bareClient] = [new Client(program.url), new Client(bare.url)];
  try {
    const agent = await memgpt.createAgent({ name: "sam" });
    const { id } = JSON.parse((await client.ask("POST", "/v1/agents", { body: { name: "sam" } })).body) as {
      id: string;
    };
    const samples = { turn: [] as number[], rest: [] as number[], route: [] as number[] };
    for (let n = -WARM; n < messages; n += 1) {
      if (n === 0) for (const list of Object.values(samples)) list.length = 0;
      const message = `I have ${n + WARM} books about tea.`;
      await timed(samples.turn, () => agent.ask(message));
      // Wait for its checkpoint, which would be written during the next turn, not one of this agent.
      await agent.save();
      await timed(samples.rest, () => client.say({ id, token: "" }, message));
      await timed(samples.route, () => bareClient.ask("POST", "/", { body: { input: message } }));
    }
    const { turn, rest, route } = samples;
    const over = (q: number): number => rounded(quantile(rest, q) - quantile(turn, q));
    return {
      turn_in_process: summarize(turn),
      message_through_rest: summarize(rest),
      bare_route: summarize(route),
      rest_over_the_turn: { median: over(0.5), p95: over(0.95) },
    };
  } finally {
    for (const it of [client, bareClient]) it.close();
    await Promise.all([program.stop(), bare.stop(), memgpt.close()]);
  }
}
