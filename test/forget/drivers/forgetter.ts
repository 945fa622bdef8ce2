import { FileForgetting, type ForgetStep } from "../../../src/storage/repository/forgetting.ts";
import { openAgentFiles } from "../../../src/storage/repository/open-agent.ts";
import { type AgentFolder, agentFolder, homeAt } from "../../../src/storage/files/paths.ts";

/** Forgets what `match` names, and is killed right after the step `last`. */
const { home, name, match, last }: { home: string; name: string; match: string; last: ForgetStep } = JSON.parse(
  process.argv[2] ?? "{}",
);
const at = "2026-11-22T12:00:00.000Z";
const { historyFile, blocksFile } = homeAt(home);
const common = { typed: historyFile, blocks: blocksFile };
const folder = agentFolder(homeAt(home), name);
const now = (): string => at;
const { store, checkpoints } = await openAgentFiles(folder, { now, common });
const reached = (step: ForgetStep): void => {
  if (step === last) process.kill(process.pid, "SIGKILL");
};
const visit = async (other: AgentFolder): Promise<void> => (await openAgentFiles(other, { now, common })).release();
const forgetting = new FileForgetting(store, { folder, checkpoints, common, visit, reached });
const { order } = await forgetting.preview({ match }, { by: "test", at, keep: [] });
await forgetting.forget(order);
