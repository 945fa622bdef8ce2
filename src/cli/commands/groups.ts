import { type Command, Help } from "commander";

/** Headings of `memgpt --help` and the README, with their commands. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  "Chat:": ["run", "open"],
  "Memory:": ["search", "inspect", "history", "block", "forget", "quarantine", "reindex"],
  "Time travel:": ["undo", "redo", "checkpoints", "restore"],
  "Agents:": [
    ...["list", "show", "add", "edit", "rename", "copy", "delete"],
    ...["export", "backup", "restore-backup", "move"],
  ],
  "Documents and old memories:": ["load", "attach", "detach", "import", "migrate"],
  "Functions:": ["functions", "mcp"],
  "Server:": ["server", "users", "keys"],
  "Set up:": ["configure", "quickstart", "doctor", "completion", "folder", "version", "help"],
  "Measure:": ["eval"],
};

/** Lists the commands of `program` under their headings. */
export function addGroups(program: Command): void {
  const order = Object.values(GROUPS).flat();
  const place = (command: Command): number => (order.indexOf(command.name()) + order.length + 1) % (order.length + 1);
  const usual = new Help();
  program.configureHelp({
    visibleCommands: (shown) => {
      const commands = usual.visibleCommands(shown);
      if (shown !== program) return commands;
      for (const [heading, names] of Object.entries(GROUPS)) {
        for (const command of commands) if (names.includes(command.name())) command.helpGroup(heading);
      }
      return commands.sort((a, b) => place(a) - place(b));
    },
    // Groups follow the order of `GROUPS`, not the order in which commands were added.
    groupItems: (_, items, groupOf) => usual.groupItems(items, items, groupOf),
  });
}
