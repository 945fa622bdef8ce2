import { MemGPTError } from "memgpt";
import type { SlashAgents, SlashContext, SlashTerminal } from "../../src/cli/slash/command.ts";

const terminal: SlashTerminal = {
  width: 80,
  isPlain: true,
  interactive: false,
  show: () => undefined,
  confirm: async () => false,
  pick: async () => undefined,
  edit: async () => {
    throw new MemGPTError("invalid_input", "There is no editor.");
  },
  copy: () => false,
  clear: () => false,
  toggleVerbose: () => true,
};

const agents: SlashAgents = {
  list: async () => [],
  open: async () => {
    throw new MemGPTError("agent_not_found", "There is no agent.");
  },
  create: async () => {
    throw new MemGPTError("agent_exists", "There is an agent.");
  },
  export: async () => undefined,
  knownSources: () => [],
  sources: async () => [],
};

/** A pipe without a person, in a home without other agents. */
export const nobody: Omit<SlashContext, "agent"> = { terminal, agents };
