import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PgAgentStore } from "../src/storage/postgres/agent-store.ts";
import { type Corpus, questionsFor, readCorpus } from "./corpus.ts";
import { type Figures, rounded } from "./figures.ts";
import { count, counts, withUsage } from "./options.ts";
import { build, copyAgents, numberOf, sizeFigures, withoutIndexes } from "./postgres/agents.ts";
import { houseIn } from "./postgres/house.ts";
import { processFigures } from "./postgres/processes.ts";
import { questionFigures } from "./postgres/questions.ts";
import { ScratchDatabase } from "./postgres/scratch-database.ts";
import { type Means, turnFigures } from "./postgres/turns.ts";
import { TimedLlm } from "./timed-llm.ts";

const USAGE =
  "postgres [--url postgres://…] [--stage turns,questions,many] [--data FILE]\n" +
  "  turns      [--sizes 1000,1000000] [--turns 120]   turns and undo by length of history, and their room\n" +
  "  questions  [--remembered 100000] [--others 1000]  questions to one agent, alone and among others\n" +
  "  many       [--agents 10000] [--each 667] [--seconds 15]  turns a second of 1, 2 and 4 processes\n" +
  "Sizes are lines of a conversation; a reply is two messages. Without --url, the server that MEMGPT_TEST_PG names. Each stage " +
  "makes a database there and drops it.";

/** Name of the agent that the others copy. */
const MODEL = "model";
/** Lines of each of the others. */
const LINES_OF_OTHERS = 100;

type Stage = (means: Means, options: Options & { corpus: Corpus; folder: string }) => Promise<Figures>;

const STAGES: Readonly<Record<string, Stage>> = { turns, questions, many };

/** Time and space that agents in PostgreSQL take, a single one and very many. Each stage can be run by itself. */
export async function postgres(args: readonly string[]): Promise<Figures> {
  const options = readOptions(args);
  const corpus = await readCorpus(options.data);
  const figures: Record<string, unknown> = { data: options.data === undefined ? "invented" : "given" };
  for (const [name, stage] of options.stages) {
    const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
    const database = await ScratchDatabase.open(options.url);
    try {
      const [server] = await database.query<{ version: string }>("SELECT current_setting('server_version') AS version");
      figures["server"] = server?.version;
      const llm = new TimedLlm();
      const started = performance.now();
      const measured = await stage(
        { database, house: houseIn(database, folder, llm), llm },
        { ...options, corpus, folder },
      );
      figures[name] = { ...measured, stage_s: secondsSince(started) };
    } finally {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return figures;
}

async function turns(means: Means, { corpus, sizes, turns }: Parameters<Stage>[1]): Promise<Figures> {
  const building = performance.now();
  const agents = new Map<number, string>();
  for (const size of sizes) agents.set(size, await build(means, `history_${size}`, corpus, size));
  const build_s = secondsSince(building);
  await means.database.script("ANALYZE");
  const size = await sizeFigures(means.database);
  return { sizes, turns, build_s, size, ...(await turnFigures(means, agents, turns)) };
}

async function questions(means: Means, { corpus, remembered, others }: Parameters<Stage>[1]): Promise<Figures> {
  const { database } = means;
  const asked = await numberOf(database, await build(means, "asked", corpus, remembered));
  await database.script("ANALYZE");
  const { recall } = new PgAgentStore(database, { agent: asked, fence: -1 });
  const texts = questionsFor(corpus, remembered);
  const alone = await questionFigures(recall, texts);
  await copyAgents(database, await build(means, MODEL, corpus, LINES_OF_OTHERS), others);
  await database.script("ANALYZE");
  return { remembered, others, alone, among_others: await questionFigures(recall, texts) };
}

async function many(means: Means, options: Parameters<Stage>[1]): Promise<Figures> {
  const { corpus, agents, each, turns, seconds, folder } = options;
  const { database } = means;
  const building = performance.now();
  await build(means, MODEL, corpus, each);
  await withoutIndexes(database, async () => copyAgents(database, MODEL, agents));
  await database.script("ANALYZE");
  const build_s = secondsSince(building);
  const size = await sizeFigures(database);
  // Counting the rows evicts pages that were not used lately.
  const processes = await processFigures({ url: database.url, folder, seconds, agents, prefix: `${MODEL}_` });
  const one = new Map([[each, `${MODEL}_${Math.floor(agents / 2)}`]]);
  return { agents, each, build_s, size, processes, ...(await turnFigures(means, one, turns)) };
}

function secondsSince(started: number): number {
  return rounded((performance.now() - started) / 1000, 1);
}

type Options = ReturnType<typeof readOptions>;

function readOptions(args: readonly string[]) {
  return withUsage(USAGE, () => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        url: { type: "string", default: process.env["MEMGPT_TEST_PG"] ?? "" },
        stage: { type: "string", default: Object.keys(STAGES).join(",") },
        sizes: { type: "string", default: "1000,1000000" },
        turns: { type: "string", default: "120" },
        remembered: { type: "string", default: "100000" },
        others: { type: "string", default: "1000" },
        agents: { type: "string", default: "10000" },
        each: { type: "string", default: "667" },
        seconds: { type: "string", default: "15" },
        data: { type: "string" },
      },
    });
    if (values.url === "") throw new Error("--url names no server");
    type Numbers = "turns" | "remembered" | "others" | "agents" | "each" | "seconds";
    const number = (name: Numbers): number => count(values[name], name);
    return {
      url: values.url,
      stages: values.stage.split(",").map((name) => {
        const stage = STAGES[name];
        if (stage === undefined) throw new Error(`there is no stage ${name}`);
        return [name, stage] as const;
      }),
      sizes: counts(values.sizes, "sizes"),
      turns: number("turns"),
      remembered: number("remembered"),
      others: number("others"),
      agents: number("agents"),
      each: number("each"),
      seconds: number("seconds"),
      data: values.data,
    };
  });
}
