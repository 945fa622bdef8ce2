import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { renderForgettable } from "../../src/cli/slash/forgetting.ts";
import { collect, temporaryFolder, testClock, testHome } from "../support/agents.ts";
import { SECRET, noting, tea } from "./support/told.ts";

test("forgetting names the backups that still contain it, and leaves them unchanged", async () => {
  const folder = temporaryFolder();
  const [before, during, damaged, after] = ["before", "during", "damaged", "after"].map((name) => join(folder, name));
  const memgpt = await testHome({ llm: () => new ScriptedLlm([tea, noting]), now: testClock().now });
  const agent = await memgpt.createAgent({ name: "sam" });
  const other = await memgpt.createAgent({ name: "other" }, { withoutModel: true });
  await other.addPassages([{ text: `Somebody else's ${SECRET}.` }]);
  await collect(agent.send("I like tea."));
  await memgpt.backups.write("all", before ?? "");
  await collect(agent.send("Guess where I used to live."));
  await memgpt.backups.write("all", during ?? "");
  await memgpt.backups.write("all", damaged ?? "");
  writeFileSync(damaged ?? "", "");
  const bytes = readFileSync(during ?? "");

  const shown = await agent.forgettable({ match: SECRET });
  const forgotten = await agent.forget({ match: SECRET });

  expect(shown.backups).toEqual([during, `${damaged ?? ""} (cannot be read)`]);
  expect(forgotten.backups).toEqual(shown.backups);
  expect(renderForgettable(shown)).toContain(`It stays in the backup ${during ?? ""}, which is yours to delete.`);
  expect(readFileSync(during ?? "").equals(bytes)).toBe(true);
  await memgpt.backups.write("all", after ?? "");
  rmSync(damaged ?? "");
  expect((await agent.forgettable({ match: SECRET })).backups).toEqual([during]);
  rmSync(during ?? "");
  expect((await agent.forgettable({ match: SECRET })).backups).toEqual([]);
});
