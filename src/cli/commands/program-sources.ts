import { type Command, Option } from "commander";
import { commandOf, repeated, url } from "./argument-types.ts";
import type { LoadCommandOptions } from "./load.ts";

const load = () => import("./load.ts");

/** `memgpt load NAME PATH…`, and the original MemGPT's `load directory`, `webpage`, `database` and `vector-database`. */
export function addLoad(program: Command): void {
  const command = program
    .command("load")
    .description("load files, folders or web pages into a source; repeat to update it")
    .usage("[options] <name> <path|url|->...")
    .argument("[name]", "source")
    .argument("[origins...]", "files, folders, URLs; - is standard input")
    .action(async (name: string | undefined, origins: readonly string[], options: LoadCommandOptions) => {
      if (name === undefined || origins.length === 0) {
        return command.error("error: name a source and what to load into it: memgpt load NAME PATH…");
      }
      process.exitCode = await (await load()).load(name, origins, options);
    });
  loadFlags(command).option("--no-recursive", "skip subfolders");
  addDirectory(command);
  addWebpage(command);
  addDatabase(command);
  addVectorDatabase(command);
}

function loadFlags(command: Command): Command {
  return commonFlags(command)
    .option("--extensions <list>", "only files with these extensions, such as .md,.txt", commaList)
    .option("--allow-host <host>", "fetch pages from this private host, such as localhost:8000", repeated);
}

function commonFlags(command: Command): Command {
  return command
    .option("--description <text>", "description of a new source")
    .addOption(new Option("--append", "keep documents that no longer exist").conflicts("replace"))
    .option("--replace", "remove every document that this run does not load")
    .addOption(
      new Option(
        "--secrets <choice>",
        "keys, tokens and the like: keep or redact them, or skip documents that hold one (default: the setting)",
      ).choices(["keep", "redact", "skip"]),
    )
    .option("--json", "print JSON");
}

function addDirectory(parent: Command): void {
  const command = parent
    .command("directory")
    .description("load a folder or files")
    .requiredOption("--name <name>", "source");
  loadFlags(command)
    .option("--input-dir <folder>", "folder to load")
    .option("--input-files <files...>", "files to load")
    .option("--recursive", "include subfolders")
    .action(
      async (options: LoadCommandOptions & { name: string; inputDir?: string; inputFiles?: readonly string[] }) => {
        const { name, inputDir, inputFiles = [], ...rest } = options;
        const origins = [...(inputDir === undefined ? [] : [inputDir]), ...inputFiles];
        if (origins.length === 0) return command.error("error: pass --input-dir or --input-files");
        process.exitCode = await (await load()).load(name, origins, { ...rest, recursive: rest.recursive === true });
      },
    );
}

function addWebpage(parent: Command): void {
  const command = parent.command("webpage").description("load web pages").requiredOption("--name <name>", "source");
  loadFlags(command)
    .requiredOption("--urls <urls...>", "pages to load")
    .action(async ({ name, urls, ...options }: LoadCommandOptions & { name: string; urls: readonly string[] }) => {
      process.exitCode = await (await load()).load(name, urls.map(url), options);
    });
}

const DATABASE_URL = "postgres://user@host/name (PGPASSWORD or ~/.pgpass: the password), or sqlite:///file.db";

function addDatabase(parent: Command): void {
  const command = parent
    .command("database")
    .description("load the rows of a query, each as a document")
    .requiredOption("--name <name>", "source");
  commonFlags(command)
    .requiredOption("--query <sql>", "what to read; a column id names the rows")
    .addOption(new Option("--dump-path <file>", "SQLite file").conflicts("uri"))
    .option("--uri <url>", DATABASE_URL)
    .action(async (options: LoadCommandOptions & { name: string; query: string; dumpPath?: string; uri?: string }) => {
      const { name, query, dumpPath, uri, ...rest } = options;
      const database = dumpPath ?? uri;
      if (database === undefined) return command.error("error: pass --dump-path or --uri");
      process.exitCode = await (await load()).loadRows(name, { database, query }, rest);
    });
}

type TableOptions = { name: string; uri: string; tableName?: string; textColumn?: string; embeddingColumn?: string };

function addVectorDatabase(parent: Command): void {
  const command = parent
    .command("vector-database")
    .description("load a table of texts, with their embeddings if your own model made them; or Chroma's file")
    .requiredOption("--name <name>", "source");
  commonFlags(command)
    .requiredOption("--uri <url>", `${DATABASE_URL}; or Chroma's folder or chroma.sqlite3`)
    .option("--table-name <table>", "table; of Chroma, a collection (default: all)")
    .option("--text-column <column>", "column with the texts; not for Chroma")
    .option("--embedding-column <column>", "column with their embeddings")
    .action(async (options: LoadCommandOptions & TableOptions) => {
      const { name, uri: database, tableName: table, textColumn, embeddingColumn, ...rest } = options;
      if (textColumn === undefined && embeddingColumn === undefined) {
        process.exitCode = await (await load()).loadChroma(name, { chroma: database, collection: table }, rest);
        return;
      }
      if (table === undefined || textColumn === undefined)
        return command.error("error: pass --table-name and --text-column");
      process.exitCode = await (await load()).loadRows(name, { database, table, textColumn, embeddingColumn }, rest);
    });
}

/** Adds sources to `memgpt list`, `show` and `delete`. */
export function addSourceLists(program: Command): void {
  commandOf(program, "list")
    .command("sources")
    .description("list the sources")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      await (await import("./sources.ts")).listSources(options);
    });
  commandOf(program, "show")
    .command("source")
    .description("show the documents of a source")
    .argument("<name>", "source")
    .option("--json", "print JSON")
    .action(async (name: string, options: { json?: boolean }) => {
      await (await import("./sources.ts")).showSource(name, options);
    });
  commandOf(program, "delete")
    .command("source")
    .description("delete a source and its passages for good")
    .argument("<name>", "source")
    .option("-y, --yes", "do not ask for confirmation")
    .action(async (name: string, options: { yes?: boolean }) => {
      await (await import("./sources.ts")).deleteSource(name, options);
    });
}

/** `memgpt attach AGENT SOURCE` and `memgpt detach`. */
export function addAttach(program: Command): void {
  for (const verb of ["attach", "detach"] as const) {
    program
      .command(verb)
      .description(
        verb === "attach"
          ? "let an agent search a source along with its own memory"
          : "stop an agent searching a source",
      )
      .usage("[options] <agent> <source>")
      .argument("[agent]", "agent")
      .argument("[source]", "source")
      .addOption(new Option("--agent <name>", "agent").hideHelp())
      .addOption(new Option("--data-source <name>", "source").hideHelp())
      .action(
        async (
          first: string | undefined,
          second: string | undefined,
          { agent = first, dataSource = second }: { agent?: string; dataSource?: string },
          command: Command,
        ) => {
          if (agent === undefined || dataSource === undefined) {
            return command.error(`error: say which agent and which source: memgpt ${verb} AGENT SOURCE`);
          }
          const commands = await import("./attach.ts");
          await (verb === "attach" ? commands.attach : commands.detach)(agent, dataSource);
        },
      );
  }
}

function commaList(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
