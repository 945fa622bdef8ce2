import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkDatabase } from "../../src/storage/sqlite/check.ts";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { testHome } from "../support/agents.ts";
import { AGENT, OTHER, agentWith, collected, embedderOf, looked } from "./agents.ts";

const REINDEXER = fileURLToPath(new URL("drivers/reindexer.ts", import.meta.url));
const PASSAGES = 700;

/** Lets a process embed the agent anew, and kills it as soon as it has said that so many passages are done. */
async function killedAt(home: string, done: number): Promise<void> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", REINDEXER, JSON.stringify({ home, name: AGENT, last: done })],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ended = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) {
    if (Number(line) >= done) child.kill("SIGKILL");
  }
  expect(await ended).toEqual([null, "SIGKILL"]);
}

test("a process killed while embedding or swapping leaves vectors of one model, and the next run resumes", async () => {
  const memgpt = await testHome({ embedder: embedderOf });
  await agentWith(memgpt, PASSAGES);
  for (const done of [64, 320]) {
    await killedAt(memgpt.home.root, done);
    const found = await looked(memgpt);
    expect(found).toMatchObject({ settings: null, collection: "first", vectors: "first", aside: done });
    expect(await checkDatabase(agentFolder(memgpt.home, AGENT).database)).toBe("");
  }
  await killedAt(memgpt.home.root, PASSAGES);

  const swapped = await looked(memgpt);
  const isSwapped = swapped.settings === "other";
  expect(swapped).toMatchObject(
    isSwapped
      ? { collection: "other", vectors: "other", aside: 0 }
      : { settings: null, collection: "first", vectors: "first", aside: PASSAGES },
  );
  const events = await collected(memgpt.reindex(AGENT, { embedding: OTHER }));
  expect(events[0]).toMatchObject({ done: isSwapped ? 0 : PASSAGES, total: PASSAGES });
  expect(await looked(memgpt)).toMatchObject({ settings: "other", collection: "other", vectors: "other", aside: 0 });
  expect((await memgpt.find(AGENT, { query: "automobile", in: "archival" })).total).toBeGreaterThan(0);
});
