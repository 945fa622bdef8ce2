import { type Figures, quantile, rounded } from "../figures.ts";
import type { Client } from "./client.ts";
import type { World } from "./world.ts";

/** Offered rates, as multiples of the rate reached when every client waits for its answer. */
const PARTS = [0.5, 1, 2, 6];

/** Connections opened beforehand. */
const CONNECTIONS = 1000;

/** How long each rate is offered, in milliseconds. */
const FOR = 6000;

type Answer = { readonly status: number; readonly retryAfter: string | undefined; readonly ms: number };

/**
 * Messages to Zipf-distributed agents at a fixed rate, whether or not the server keeps up. Below saturation all are answered;
 * above it the rest are refused with `Retry-After`.
 */
export async function saturation(
  client: Client,
  world: World,
  { served, seed }: { readonly served: number; readonly seed: number },
): Promise<Figures[]> {
  const found: Figures[] = [];
  await client.connect(CONNECTIONS);
  for (const part of PARTS) {
    const rate = Math.max(1, served * part);
    const started = performance.now();
    const answers = await offered(client, world, { rate, seed });
    const seconds = (performance.now() - started) / 1000;
    const times = answers.filter(({ status }) => status === 200).map(({ ms }) => ms);
    const refused = answers.filter(({ status }) => status === 429);
    const statuses: Record<string, number> = {};
    for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
    found.push({
      offered_per_second: rounded(rate, 0),
      answered_per_second: rounded(times.length / seconds, 1),
      p50: rounded(quantile(times, 0.5), 0),
      p95: rounded(quantile(times, 0.95), 0),
      statuses,
      refused_without_retry_after: refused.filter(({ retryAfter }) => retryAfter === undefined).length,
      refused_p95:
        refused.length === 0
          ? null
          : rounded(
              quantile(
                refused.map(({ ms }) => ms),
                0.95,
              ),
              0,
            ),
    });
  }
  return found;
}

async function offered(
  client: Client,
  world: World,
  { rate, seed }: { rate: number; seed: number },
): Promise<Answer[]> {
  const next = client.messages(world, seed);
  const answers: Promise<Answer>[] = [];
  const started = performance.now();
  while (performance.now() - started < FOR) {
    const due = Math.floor(((performance.now() - started) / 1000) * rate) + 1;
    while (answers.length < due) {
      const { agent, message } = next();
      const asked = performance.now();
      answers.push(
        client
          .say(agent, message)
          .then(({ status, retryAfter }) => ({ status, retryAfter, ms: performance.now() - asked })),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return Promise.all(answers);
}
