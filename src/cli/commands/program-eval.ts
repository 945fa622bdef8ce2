import { type Command, InvalidArgumentError, Option } from "commander";
import type {
  DmrCommand,
  DocQaCommand,
  FunctionsCommand,
  LocomoCommand,
  LongMemEvalCommand,
  ParaphraseCommand,
  NestedKvCommand,
  PoisoningCommand,
} from "./eval.ts";
import { EMBEDDINGS, url, wholeNumber } from "./argument-types.ts";

const UNITS = ["turn", "session"];

/** The field's benchmarks, run on the same storage, search and loop that agents use. */
export function addEval(program: Command): void {
  const evaluate = program.command("eval").description("measure search and models on your data, in a temporary home");
  addRetrieval(evaluate);
  addTasks(evaluate);
  addTrust(evaluate);
}

function addRetrieval(evaluate: Command): void {
  const locomo = evaluate
    .command("locomo")
    .description("LoCoMo: find what was said in conversations that span months")
    .requiredOption("--data <file>", "locomo10.json")
    .addOption(new Option("--unit <unit>", "unit to rank").choices(UNITS).default("turn"))
    .option("--conversations <names>", "only these, such as conv-26,conv-30", names);
  withEmbedding(storedIn(common(locomo))).action(async (options: LocomoCommand) => {
    const { evalLocomo } = await import("./eval.ts");
    process.exitCode = await evalLocomo(options);
  });
  const paraphrase = evaluate
    .command("paraphrase")
    .description("whether search finds answers that share no word with their question, beside plain vectors")
    .requiredOption(
      "--data <file>",
      "JSON of {haystack, pairs}: lines or the path of a file of them, and {question, answer}",
    );
  withEmbedding(storedIn(common(paraphrase))).action(async (options: ParaphraseCommand) => {
    const { evalParaphrase } = await import("./eval.ts");
    process.exitCode = await evalParaphrase(options);
  });
  const longMemEval = evaluate
    .command("longmemeval")
    .description("LongMemEval: find the sessions that hold an answer, scored by its authors' scorer")
    .requiredOption("--data <file>", "longmemeval_s_cleaned.json")
    .addOption(new Option("--unit <unit>", "unit to rank").choices(UNITS).default("session"))
    .option("--pooled", "put all sessions in one store and ask every question of all of them");
  common(longMemEval).action(async (options: LongMemEvalCommand) => {
    const { evalLongMemEval } = await import("./eval.ts");
    process.exitCode = await evalLongMemEval(options);
  });
  const docQa = evaluate
    .command("doc-qa")
    .description("NaturalQuestions: find the passage that answers a question")
    .requiredOption("--passages <file>", "JSON lines of {id, title, text}")
    .requiredOption("--questions <file>", "JSON lines of {question, answers, passage_id}")
    .option("--agent", "also ask an agent");
  withModel(withEmbedding(common(docQa))).action(async (options: DocQaCommand) => {
    const { evalDocQa } = await import("./eval.ts");
    process.exitCode = await evalDocQa(options);
  });
}

function addTasks(evaluate: Command): void {
  const nestedKv = evaluate
    .command("nested-kv")
    .description("nested key-value retrieval from the MemGPT paper: an agent follows keys through archival memory")
    .requiredOption(
      "--data <folder>",
      "folder with kv-140.jsonl and orderings-1-levels.jsonl to orderings-6-levels.jsonl",
    )
    .addOption(
      new Option("--levels <range>", "keys in a chain, such as 1-6 or 1,3")
        .argParser(levels)
        .default([1, 2, 3, 4, 5, 6], "1-6"),
    )
    .option("--records <n>", "records of kv-140.jsonl to use", wholeNumber, 1);
  withModel(common(nestedKv), "a built-in driver that follows keys").action(async (options: NestedKvCommand) => {
    const { evalNestedKv } = await import("./eval.ts");
    process.exitCode = await evalNestedKv(options);
  });
  const dmr = evaluate
    .command("dmr")
    .description("deep memory retrieval from the MemGPT paper: an agent answers about earlier sessions, a judge scores")
    .requiredOption("--data <file>", "MSC-Self-Instruct, JSON lines")
    .option("--judge <name>", "judge model (default: the answering model)");
  withModel(common(dmr)).action(async (options: DmrCommand) => {
    const { evalDmr } = await import("./eval.ts");
    process.exitCode = await evalDmr(options);
  });
  const functions = evaluate
    .command("functions")
    .description("measure whether a model calls the right function and then answers")
    .option("--tries <n>", "tries for each function", wholeNumber, 3);
  withModel(common(functions)).action(async (options: FunctionsCommand) => {
    const { evalFunctions } = await import("./eval.ts");
    process.exitCode = await evalFunctions(options);
  });
}

function addTrust(evaluate: Command): void {
  const poisoning = evaluate
    .command("poisoning")
    .description("measure how many poisonous texts the rules catch, and how many harmless ones they stop")
    .requiredOption("--data <file>", "JSON lines of {text, attack, kind?, language?, before?}")
    .option("--conversations <file>", "LoCoMo conversations whose turns count as harmless")
    .option("--passages <file>", "JSON lines of {text} that count as harmless");
  common(poisoning).action(async (options: PoisoningCommand) => {
    const { evalPoisoning } = await import("./eval.ts");
    process.exitCode = await evalPoisoning(options);
  });
}

function common(command: Command): Command {
  return command.option("--limit <n>", "only the first n, for a quick run", wholeNumber).option("--json", "print JSON");
}

function storedIn(command: Command): Command {
  return command.addOption(
    new Option("--in <storage>", "where the lines are kept").choices(["recall", "archival"]).default("recall"),
  );
}

function withModel(command: Command, usual = "the configured one"): Command {
  return command
    .option("--model <name>", `model (default: ${usual})`)
    .option("--model-endpoint <url>", "base URL of an OpenAI-compatible server", url)
    .option("--context-window <tokens>", "the model's context window", wholeNumber);
}

/** The same flags as `memgpt reindex`. */
function withEmbedding(command: Command): Command {
  const provider = new Option("--embedding <provider>", "embedding provider (default: the built-in hash)");
  return command
    .addOption(provider.choices(EMBEDDINGS))
    .option("--embedding-model <name>", "embedding model")
    .option("--embedding-endpoint <url>", "base URL of an OpenAI-compatible embedding server", url)
    .option("--embedding-dimensions <n>", "vector dimensions (default: the model's own)", wholeNumber);
}

/** @throws InvalidArgumentError */
function names(text: string): string[] {
  const all = text.split(",").map((name) => name.trim());
  if (all.some((name) => name === "")) throw new InvalidArgumentError("Expected names separated by commas.");
  return all;
}

/** Numbers from 1 to 6, such as `1-6` or `1,3`. @throws InvalidArgumentError */
function levels(text: string): number[] {
  const all = text.split(",").flatMap((part) => {
    const [, from, to = from] = /^([1-6])(?:-([1-6]))?$/.exec(part.trim()) ?? [];
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
  });
  if (all.length === 0 || all.some((level) => Number.isNaN(level))) {
    throw new InvalidArgumentError("Expected levels from 1 to 6, such as 1-6 or 1,3.");
  }
  return [...new Set(all)].sort((a, b) => a - b);
}
