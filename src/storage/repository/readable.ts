import { existsSync } from "node:fs";
import { MemGPTError } from "../../errors.ts";
import type { CommonFiles } from "../files/forget-in-home.ts";
import type { AgentFolder, Home } from "../files/paths.ts";
import { existingAgent } from "./directory.ts";

/**
 * The folder of an agent that is to be read. Completes a forgetting that was interrupted there, unless a process has the agent
 * open: that one is carrying it out.
 *
 * @throws MemGPTError `agent_not_found`; `storage_failed` if the agent cannot be opened.
 */
export async function readableAgent(home: Home, name: string, now: () => string): Promise<AgentFolder> {
  const folder = existingAgent(home, name);
  if (!existsSync(folder.forgetOrder)) return folder;
  const { openAgentFiles } = await import("./open-agent.ts");
  try {
    const files = await openAgentFiles(folder, { now, common: commonFiles(home) });
    await files.release();
  } catch (error) {
    if (!(error instanceof MemGPTError && error.code === "agent_locked")) throw error;
  }
  return folder;
}

/** The files that the agents of a home have in common. */
export function commonFiles({ historyFile, blocksFile }: Home): CommonFiles {
  return { typed: historyFile, blocks: blocksFile };
}
