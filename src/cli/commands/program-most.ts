import { type Command, Option } from "commander";
import { EMBEDDINGS, url, wholeNumber } from "./argument-types.ts";
import { addBackup } from "./program-backup.ts";
import { addBlocks } from "./program-blocks.ts";
import { addCompletion } from "./program-completion.ts";
import { addEval } from "./program-eval.ts";
import { addFunctions } from "./program-functions.ts";
import { addImport } from "./program-import.ts";
import { addMcpServe } from "./program-mcp-serve.ts";
import { addMcp } from "./program-mcp.ts";
import { addServer } from "./program-server.ts";
import { addSetup } from "./program-setup.ts";
import { addAttach, addLoad } from "./program-sources.ts";
import { addFiles, addForget, addQuarantine, addTimeTravel } from "./program-time-travel.ts";
import type { ReindexCommandOptions } from "./reindex.ts";

/** All commands but the most used ones. */
export function addMost(program: Command): void {
  addSetup(program);
  addMemory(program);
  addTimeTravel(program);
  addQuarantine(program);
  addForget(program);
  addFiles(program);
  addBackup(program);
  addBlocks(program);
  addFunctions(program);
  addMcp(program);
  addMcpServe(program);
  addServer(program);
  addEval(program);
  addLoad(program);
  addAttach(program);
  addImport(program);
  addCompletion(program);
}

function addMemory(program: Command): void {
  program
    .command("inspect")
    .description("show an agent's settings, core memory, and how much it stores")
    .argument("<name>", "agent")
    .option("--json", "print JSON")
    .action(async (name: string, options: { json?: boolean }) => {
      const { inspect } = await import("./inspect.ts");
      await inspect(name, options);
    });
  program
    .command("search")
    .description("search an agent's memory")
    .argument("<name>", "agent")
    .argument("<query>", "words; text in double quotes matches exactly")
    .addOption(
      new Option("--in <storage>", "storage to search; all includes core memory and shows the top results of each")
        .choices(["recall", "archival", "all"])
        .default("recall"),
    )
    .option("--from <date>", 'first day, such as 2026-05-01 or "last week"')
    .option("--to <date>", "last day")
    .addOption(
      new Option("--role <role>", "only what you (user) or the agent (assistant) said").choices(["user", "assistant"]),
    )
    .option("--speaker <name>", "only what this person said, if several take part")
    .option("--source <name>", "only passages of this attached source; with --in archival")
    .option("--origin <origin>", "only passages from this origin, such as document or client:NAME; with --in archival")
    .option("--session <n>", "only this session: the number after # in the results", wholeNumber)
    .option("--around <n>", "lines of context around each result", wholeNumber)
    .option("--page <n>", "page of results, from 1", wholeNumber)
    .option("--json", "print JSON")
    .action(async (name: string, query: string, options: { in: "recall" | "archival" | "all" }) => {
      const { search } = await import("./search.ts");
      await search(name, query, options);
    });
  program
    .command("reindex")
    .description("re-embed an agent's memory; resumes where it was interrupted")
    .argument("<name>", "agent")
    .addOption(
      new Option("--embedding <provider>", "embedding provider (default: keep the current one)").choices(EMBEDDINGS),
    )
    .option("--embedding-model <name>", "embedding model")
    .option("--embedding-endpoint <url>", "base URL of an OpenAI-compatible embedding server", url)
    .option("--embedding-dimensions <n>", "vector dimensions (default: the model's own)", wholeNumber)
    .option("--json", "print JSON")
    .action(async (name: string, options: ReindexCommandOptions) => {
      const { reindex } = await import("./reindex.ts");
      await reindex(name, options);
    });
}
