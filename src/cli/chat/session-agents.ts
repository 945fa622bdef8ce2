import type { MemGPT } from "../../index.ts";
import type { SlashAgents } from "../slash/command.ts";
import { createNew, useExisting } from "./choose-agent.ts";
import type { RunOptions } from "../setup/run-options.ts";

/** The agents of a home, opened and created with the flags of the session. */
export function sessionAgents(memgpt: MemGPT, options: RunOptions, interactive: boolean): SlashAgents {
  return {
    list: () => memgpt.listAgents(),
    open: (name) => useExisting(memgpt, name, options),
    create: (name) => createNew(memgpt, name, options, interactive),
    sources: () => memgpt.sources.names(),
    async export(name, file) {
      const { exportToNewFile } = await import("../terminal/export-file.ts");
      await exportToNewFile(memgpt, name, file);
    },
  };
}
