import { once } from "node:events";
import { PracticeLlm } from "../../../src/llm/practice/practice-llm.ts";
import { openAgent } from "../../../src/host/agents.ts";
import { PgDatabase } from "../../../src/storage/postgres/pool.ts";
import { integer, seeded } from "../../../test/crash/random.ts";
import { contentWord } from "../../vocabulary.ts";
import { houseIn } from "../house.ts";
import type { Talking } from "../processes.ts";

// Acts like a server process toward the database. Each of several people talks to an idle agent of this process for a while,
// then to another. Prints the number of turns in the measured time.

/** Concurrent people. */
const PEOPLE = 16;
const TURNS = 5;

const { url, folder, seconds, prefix, agents } = JSON.parse(process.argv[2] ?? "{}") as Talking;
const [process_, processes] = [Number(process.argv[3]), Number(process.argv[4])];
const database = new PgDatabase({ url });
const house = houseIn(database, folder, new PracticeLlm());
const random = seeded(process_ + 1);
const busy = new Set<number>();
let [turns, end] = [0, Number.POSITIVE_INFINITY];

const people = Array.from({ length: PEOPLE }, async () => {
  while (performance.now() < end) await visit(someAgent());
});
// Warm up before measuring.
while (turns < PEOPLE * TURNS) await new Promise((resolve) => setTimeout(resolve, 10));
process.stdout.write("ready\n");
await once(process.stdin, "data");
turns = 0;
end = performance.now() + seconds * 1000;
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
process.stdout.write(`${turns}\n`);
await Promise.all(people);
await database.close();
process.exit();

/** The number of one of this process's agents. */
function someAgent(): number {
  for (;;) {
    const agent = integer(random, Math.floor(agents / processes)) * processes + process_;
    if (!busy.has(agent)) return agent;
  }
}

async function visit(number: number): Promise<void> {
  busy.add(number);
  const agent = await openAgent(house, `${prefix}${number}`, {}, {});
  for (let said = 0; said < TURNS && performance.now() < end; said += 1) {
    await agent.ask(`The ${contentWord(random)} near the ${contentWord(random)} was wonderful today.`);
    turns += 1;
  }
  await agent.close();
  busy.delete(number);
}
