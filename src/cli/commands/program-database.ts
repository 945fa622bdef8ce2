import type { Command } from "commander";

/** The commands that open agents, with all below them. */
const OPEN_AGENTS: ReadonlySet<string> = new Set([
  ...["ask", "run", "open", "server", "mcp serve", "doctor"],
  ...["search", "inspect", "history", "forget", "quarantine", "reindex"],
  ...["undo", "redo", "checkpoints", "restore"],
  ...["list agents", "rename", "copy", "delete agent", "export", "backup", "restore-backup", "move"],
  ...["attach", "detach", "import", "functions"],
  ...["locomo", "paraphrase", "longmemeval", "doc-qa", "nested-kv", "dmr", "functions"].map((it) => `eval ${it}`),
]);

/** Adds `--database` to every command that opens agents. */
export function addDatabase(program: Command): void {
  addTo(program, []);
  program.hook("preAction", (_, command) => {
    const { database } = command.opts<{ database?: string }>();
    // Whatever opens agents reads the environment, and flags go before it.
    if (database !== undefined) process.env["MEMGPT_DATABASE"] = database;
  });
}

function addTo({ commands }: Command, path: readonly string[]): void {
  for (const command of commands) {
    const own = [...path, command.name()];
    const isAmong = own.some((_, depth) => OPEN_AGENTS.has(own.slice(0, depth + 1).join(" ")));
    if (isAmong && command.commands.length === 0) {
      command.option("--database <url>", "PostgreSQL database of the agents, as postgres://user@host:5432/name");
    }
    addTo(command, own);
  }
}
