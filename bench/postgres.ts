import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createAgent } from "../src/host/agents.ts";
import { PgAgentStore } from "../src/storage/postgres/agent-store.ts";
import { type Corpus, fill, questionsFor, readCorpus } from "./corpus.ts";
import { type Figures, UsageError, count, rounded } from "./figures.ts";
import { copyAgents, numberOf, sizeFigures } from "./postgres/agents.ts";
import { houseIn } from "./postgres/house.ts";
import { processFigures } from "./postgres/processes.ts";
import { questionFigures } from "./postgres/questions.ts";
import { ScratchDatabase } from "./postgres/scratch-database.ts";
import { type Means, turnFigures } from "./postgres/turns.ts";
import { TimedLlm } from "./timed-llm.ts";

const USAGE =
  "postgres [--url postgres://…] [--sizes 1000,100000] [--turns 120] [--others 1000] [--each 100] [--seconds 10] " +
  "[--data FILE]\nWithout --url, the server that MEMGPT_TEST_PG names. Makes a database there and drops it.";

/** Agents that talk at the same time. */
const TALKING = 16;
/** Name of the agent that the others are copies of. */
const MODEL = "model";

/**
 * Agents in PostgreSQL: the time of turns and undos by length of history, of questions to the longest of them, alone and among
 * others, the room they take, and the turns that several processes reach.
 */
export async function postgres(args: readonly string[]): Promise<Figures> {
  const options = readOptions(args);
  const corpus = await readCorpus(options.data);
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  const database = await ScratchDatabase.open(options.url);
  try {
    const llm = new TimedLlm();
    return await measure({ database, house: houseIn(database, folder, llm), llm }, { ...options, corpus, folder });
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(means: Means, options: Options & { corpus: Corpus; folder: string }): Promise<Figures> {
  const { database } = means;
  const { corpus, sizes, turns, others, each, seconds, folder } = options;
  const [server] = await database.query<{ version: string }>("SELECT current_setting('server_version') AS version");
  const [first = 0, largest = first] = [sizes[0], sizes.at(-1)];
  const building = performance.now();
  const agents = new Map<number, string>();
  for (const size of sizes) agents.set(size, await build(means, `history_${size}`, corpus, size));
  const build_s = rounded((performance.now() - building) / 1000, 1);
  await database.script("ANALYZE");
  const size = await sizeFigures(database);
  const turn = await turnFigures(means, agents, turns);
  const recall = new PgAgentStore(database, { agent: await numberOf(database, agents.get(largest) ?? ""), fence: -1 })
    .recall;
  const questions = questionsFor(corpus, largest);
  const alone = await questionFigures(recall, questions);
  await copyAgents(database, await build(means, MODEL, corpus, each), others);
  await database.script("ANALYZE");
  const among = await questionFigures(recall, questions);
  const talkers = Array.from({ length: TALKING }, (_, i) => `${MODEL}_${i}`);
  const processes = await processFigures({ url: database.url, folder, seconds, agents: talkers });
  const { version = "" } = server ?? {};
  return {
    server: version,
    data: options.data === undefined ? "invented" : "given",
    sizes,
    turns,
    others,
    each,
    build_s,
    ...turn,
    questions: { alone, [`among_${others}_others`]: among },
    size,
    processes,
  };
}

/** Makes an agent that remembers `size` messages. @returns its name. */
async function build({ database, house }: Means, name: string, corpus: Corpus, size: number): Promise<string> {
  await (await createAgent(house, { name }, { withoutModel: true })).close();
  const opened = await house.repository.open(name);
  await fill(opened.store.history, corpus, size);
  await opened.release();
  database.take();
  return name;
}

type Options = ReturnType<typeof readOptions>;

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        url: { type: "string", default: process.env["MEMGPT_TEST_PG"] ?? "" },
        sizes: { type: "string", default: "1000,100000" },
        turns: { type: "string", default: "120" },
        others: { type: "string", default: "1000" },
        each: { type: "string", default: "100" },
        seconds: { type: "string", default: "10" },
        data: { type: "string" },
      },
    });
    if (values.url === "") throw new Error("--url names no server");
    const number = (name: "turns" | "others" | "each" | "seconds"): number => count(values[name], name);
    return {
      url: values.url,
      sizes: values.sizes.split(",").map((size) => count(size, "sizes")),
      turns: number("turns"),
      others: number("others"),
      each: number("each"),
      seconds: number("seconds"),
      data: values.data,
    };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}
