import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { MemGPTError } from "../../errors.ts";
import type { CommonFiles } from "../files/forget-in-home.ts";
import type { AgentFolder, Home } from "../files/paths.ts";
import { existingAgent } from "./directory.ts";

/**
 * The folder of an agent to read. First completes a forgetting that was interrupted in any agent of the home, unless another
 * process has that agent open and is carrying it out.
 *
 * @throws MemGPTError `agent_not_found`; `storage_failed` if the agent cannot be opened.
 */
export async function readableAgent(home: Home, name: string, now: () => string): Promise<AgentFolder> {
  const folder = existingAgent(home, name);
  const isWaiting = [folder.forgetOrder, folder.sharedForgetting, dirname(folder.unfinished)].some((it) =>
    existsSync(it),
  );
  if (!isWaiting) return folder;
  const { openAgentFiles } = await import("./open-agent.ts");
  try {
    const files = await openAgentFiles(folder, { now, common: commonFiles(home) });
    await files.release();
  } catch (error) {
    if (!(error instanceof MemGPTError && error.code === "agent_locked")) throw error;
  }
  return folder;
}

/** The files that the agents of a home share. */
export function commonFiles({ historyFile, blocksFile, serverFile }: Home): CommonFiles {
  return { typed: historyFile, blocks: blocksFile, server: serverFile };
}
