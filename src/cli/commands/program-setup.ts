import { type Command, Option } from "commander";
import { EMBEDDINGS, duration, url } from "./argument-types.ts";
import type { QuickstartOptions } from "./quickstart.ts";

/** Values of `--backend`, listed here so that `--help` does not load the providers. */
const BACKENDS = [
  "openai",
  "openrouter",
  "groq",
  "together",
  "ollama",
  "lmstudio",
  "llamacpp",
  "vllm",
  "koboldcpp",
  "practice",
];

/** The commands that set up a model and check that it works. */
export function addSetup(program: Command): void {
  const configure = program
    .command("configure")
    .description("set up model, key, embedding, persona and more by answering questions; saves only at the end")
    .option("--show-origin", "print every setting with its value and source; keys are shortened")
    .option("--json", "with --show-origin: print JSON")
    .action(async (options: { showOrigin?: boolean; json?: boolean }) => {
      const commands = await import("./configure.ts");
      process.exitCode = await commands.configure(options);
    });
  configure
    .command("set")
    .description(
      "change one setting (configure --show-origin lists them); api_key and openai_api_key go to credentials.json",
    )
    .argument("<key>", "setting")
    .argument("[value]", "text or JSON; null restores the default; - reads a key from standard input")
    .option("--unset", "restore the default")
    .option("--endpoint <url>", "with api_key: the key's server (default: the configured one)", url)
    .action(async (key: string, value: string | undefined, options: { unset?: boolean; endpoint?: string }) => {
      const { configureSet } = await import("./configure.ts");
      await configureSet(key, value, options);
    });
  program
    .command("quickstart")
    .description("set up a model without questions, from a URL or a backend's name")
    .argument("[url]", "base URL of an OpenAI-compatible server; memgpt detects which one", url)
    .addOption(
      new Option("--backend <name>", "hosted service, server on this machine, or practice model").choices(BACKENDS),
    )
    .option("--model <name>", "model (default: the backend's usual one, or the first that it lists)")
    .addOption(
      new Option("--embedding <provider>", "embedding provider: built in, the same server, or this process").choices(
        EMBEDDINGS,
      ),
    )
    .action(async (at: string | undefined, options: QuickstartOptions, command: Command) => {
      if ((at === undefined) === (options.backend === undefined)) {
        command.error(`error: name the model's server by a URL or by --backend${at === undefined ? "" : ", not both"}`);
      }
      const { quickstart } = await import("./quickstart.ts");
      await quickstart({ ...options, url: at });
    });
  program
    .command("doctor")
    .description("check installation, files, models and embeddings, and say how to fix what is wrong")
    .option("--agent <name>", "check what this agent uses (default: the configuration and all agents)")
    .addOption(
      new Option("--timeout <time>", "longest wait for each response from a server")
        .argParser(duration)
        .default(5000, "5s"),
    )
    .option("--repair", "repair agents' files; moves what is readable in a damaged database to a new one")
    .option("--json", "print JSON")
    .action(async (options: { agent?: string; timeout: number; json?: boolean }) => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor(options);
    });
}
