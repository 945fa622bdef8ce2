import { type Command, Option } from "commander";
import { duration, url } from "./argument-types.ts";
import type { QuickstartOptions } from "./quickstart.ts";

/** What `--backend` takes. Spelled out here, so that `--help` need not load what knows more of them. */
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

/** The commands that choose a model, and say whether it works. */
export function addSetup(program: Command): void {
  const configure = program
    .command("configure")
    .description("choose model, key, embedding, persona and the like, by questions; nothing is written before the end")
    .option("--show-origin", "print every setting, its value and where it comes from, keys shortened")
    .option("--json", "with --show-origin: as JSON")
    .action(async (options: { showOrigin?: boolean; json?: boolean }) => {
      const commands = await import("./configure.ts");
      process.exitCode = await commands.configure(options);
    });
  configure
    .command("set")
    .description("change one setting; api_key and openai_api_key go to credentials.json")
    .argument("<key>", "setting")
    .argument("[value]", "its value, JSON where it is no text; null unsets; - reads a key from standard input")
    .option("--unset", "go back to the default")
    .option("--endpoint <url>", "with api_key: the server that the key is for (default: the configured one)", url)
    .action(async (key: string, value: string | undefined, options: { unset?: boolean; endpoint?: string }) => {
      const { configureSet } = await import("./configure.ts");
      await configureSet(key, value, options);
    });
  program
    .command("quickstart")
    .description("set up a model without a question, at a URL or a backend")
    .argument("[url]", "base URL of an OpenAI-compatible server; what it is, is found out", url)
    .addOption(
      new Option("--backend <name>", "a service, a server on this machine, or the practice model").choices(BACKENDS),
    )
    .option("--model <name>", "model (default: a usual one, or the first that the server lists)")
    .addOption(
      new Option(
        "--embedding <provider>",
        "what archival memory is searched by: built in, at the same server, or in this process",
      ).choices(["hash", "openai", "local"]),
    )
    .action(async (at: string | undefined, options: QuickstartOptions, command: Command) => {
      if ((at === undefined) === (options.backend === undefined)) {
        command.error(
          `error: say where the model is: by its URL, or by --backend${at === undefined ? "" : ", not both"}`,
        );
      }
      const { quickstart } = await import("./quickstart.ts");
      await quickstart({ ...options, url: at });
    });
  program
    .command("doctor")
    .description("look at installation, files, models and embeddings, and say what to do where something is wrong")
    .option("--agent <name>", "look at what this agent uses, instead of what is configured and what all agents use")
    .addOption(
      new Option("--timeout <time>", "longest wait for each answer of a server")
        .argParser(duration)
        .default(5000, "5s"),
    )
    .option("--repair", "mend agents' files: what can be read of a damaged database is brought into a new one")
    .option("--json", "as JSON")
    .action(async (options: { agent?: string; timeout: number; json?: boolean }) => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor(options);
    });
}
