import { type MemGPT, MemGPTError } from "../../index.ts";
import { RemoteMemGPT } from "../../remote/remote-memgpt.ts";
import type { RunOptions } from "../setup/run-options.ts";
import { type SessionHome, withSources } from "./session-home.ts";
import { warn } from "../terminal/print.ts";

/** Flags of sessions whose agents run in this process. */
const LOCAL_FLAGS = [
  ["--max-steps", ({ maxSteps }) => maxSteps !== undefined],
  ["--max-cost", ({ maxCost }) => maxCost !== undefined],
  ["--allow", ({ allow }) => allow !== undefined],
  ["--no-verify", ({ verify }) => !verify],
  ["--use-openai-key", ({ useOpenaiKey }) => useOpenaiKey === true],
] satisfies readonly (readonly [flag: string, isGiven: (options: RunOptions) => boolean])[];

/** @throws MemGPTError `server_unavailable`; `invalid_input` for a flag that the server decides. */
export async function remoteHome(local: MemGPT, server: string, options: RunOptions): Promise<SessionHome> {
  const flags = LOCAL_FLAGS.filter(([, isGiven]) => isGiven(options)).map(([flag]) => flag);
  if (flags.length > 0) {
    const text = `${flags.join(" and ")}: the server at ${server} decides that for its agents. Nothing was sent.`;
    throw new MemGPTError("invalid_input", text);
  }
  const agents = await RemoteMemGPT.open({
    url: server,
    token: options.token,
    onConnection: (status, reason) => {
      const lost = `The server does not answer (${reason}); trying again.`;
      warn(status === "lost" ? lost : "The server answers again.");
    },
  });
  return withSources({ agents, local, isRemote: true }, () => agents.sourceNames());
}
