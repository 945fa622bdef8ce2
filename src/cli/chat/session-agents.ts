import type { SlashAgents } from "../slash/command.ts";
import { createNew, useExisting } from "./choose-agent.ts";
import type { RunOptions } from "../setup/run-options.ts";
import type { SessionHome } from "./session-home.ts";

/** The agents of a home, opened and created with the flags of the session. */
export function sessionAgents(home: SessionHome, options: RunOptions, interactive: boolean): SlashAgents {
  return {
    list: () => home.agents.listAgents(),
    open: (name, incognito) => useExisting(home, name, incognito === undefined ? options : { ...options, incognito }),
    create: (name) => createNew(home, name, options, interactive),
    knownSources: () => home.knownSources(),
    sources: () => home.sources(),
    async export(name, file) {
      const { exportToNewFile } = await import("../terminal/export-file.ts");
      await exportToNewFile(
        { home: home.local.home, exportAgent: (...args) => home.agents.exportAgent(...args) },
        name,
        file,
      );
    },
  };
}
