import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nextName } from "../../../src/storage/files/checkpoint-name.ts";
import { checkpointText, readCheckpointText } from "../../../src/storage/files/checkpoint-text.ts";
import { agentFolder } from "../../../src/storage/files/paths.ts";
import { testHome } from "../../support/agents.ts";

test("a newer checkpoint whose checksum fits is not restored if it is no state, and the agent opens without it", async () => {
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.ask("My name is Ada.");
  await agent.close();
  const { checkpoints } = agentFolder(memgpt.home, "sam");
  const newest = readdirSync(checkpoints).sort().at(-1) ?? expect.unreachable();
  const read = readCheckpointText(readFileSync(join(checkpoints, newest), "utf8"));
  if (!("state" in read)) throw new Error("The checkpoint is damaged");
  const later = "2030-01-01T00:00:00.000Z";
  const { format: _, ...rest } = read;
  const crafted = { ...rest, op: read.op + 5, time: later, state: { ...read.state, queue: "none" as never } };
  const file = join(checkpoints, nextName(later, false, newest));
  writeFileSync(file, checkpointText(crafted));

  await expect(memgpt.openAgent("sam")).rejects.toMatchObject({ code: "storage_failed" });
  await expect(memgpt.openAgent("sam")).rejects.toThrow("not the state of an agent");

  writeFileSync(file, "");
  const opened = await memgpt.openAgent("sam");
  expect(opened.state.blocks.find(({ label }) => label === "human")?.value).toContain("Ada");
  await opened.close();
});
