import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { agentFolder, homeAt } from "../../../src/storage/files/paths.ts";
import { makeAgentFiles } from "../../../src/storage/repository/agent-files.ts";

/** Makes an agent's files, and waits in the middle of it until it is told to go on. */
const home = homeAt(process.argv[2] ?? "");

await makeAgentFiles(agentFolder(home, "made"), async (draft) => {
  writeFileSync(draft.database, "all that was ever said");
  process.stdout.write("making\n");
  await once(process.stdin, "data");
  process.stdin.destroy();
});
