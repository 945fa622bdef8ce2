import fc from "fast-check";
import { test } from "vitest";
import { temporaryFolder, testHome } from "../support/agents.ts";
import { TARGETS } from "./targets.ts";

const FEW = 60;

test.each(TARGETS)("no input crashes or hangs $name", async ({ property }) => {
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  await agent.importMessages([{ role: "user", text: "The harbour opens at six." }]);

  await fc.assert(property({ agent, folder: temporaryFolder() }), { numRuns: FEW });
});
