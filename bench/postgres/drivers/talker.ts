import { once } from "node:events";
import { PracticeLlm } from "../../../src/llm/practice/practice-llm.ts";
import { openAgent } from "../../../src/host/agents.ts";
import { PgDatabase } from "../../../src/storage/postgres/pool.ts";
import { seeded } from "../../../test/crash/random.ts";
import { contentWord } from "../../vocabulary.ts";
import { houseIn } from "../house.ts";

// A server process as far as its database sees it: opens agents, waits for a line, talks to all of them at the same time for
// some seconds, and prints how many turns that were.

const [url = "", folder = "", seconds = "10", ...names] = process.argv.slice(2);
const database = new PgDatabase({ url });
const house = houseIn(database, folder, new PracticeLlm());
const agents = await Promise.all(names.map(async (name) => openAgent(house, name, {}, {})));
process.stdout.write("ready\n");
await once(process.stdin, "data");
const end = performance.now() + Number(seconds) * 1000;
let turns = 0;
await Promise.all(
  agents.map(async (agent, i) => {
    const random = seeded(i + process.pid);
    while (performance.now() < end) {
      await agent.ask(`The ${contentWord(random)} near the ${contentWord(random)} was wonderful today.`);
      turns += 1;
    }
  }),
);
process.stdout.write(`${turns}\n`);
await Promise.all(agents.map(async (agent) => agent.close()));
await database.close();
process.exit();
