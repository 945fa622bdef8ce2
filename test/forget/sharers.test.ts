import { spawn } from "node:child_process";
import { once as event } from "node:events";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Agent, MemGPT } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { FileRecords } from "../../src/storage/files/file-records.ts";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { collect, scriptedAgent, testHome } from "../support/agents.ts";
import { A_CAT, WORD, homeOf, once, share, whileThinking } from "./support/sharing.ts";
import { SECRET, blockOf, filesSaying } from "./support/told.ts";

const FORGETTER = fileURLToPath(new URL("drivers/forgetter.ts", import.meta.url));

type Shared = { readonly memgpt: MemGPT; readonly sam: Agent; readonly bob: Agent };

async function sharing(): Promise<Shared> {
  const { memgpt, agent: sam } = await scriptedAgent([]);
  const bob = await memgpt.createAgent({ name: "bob" });
  await share(memgpt.blocks, sam, bob);
  return { memgpt, sam, bob };
}

test("is forgotten at once by a closed agent that shares the block", async () => {
  const { memgpt, sam, bob } = await sharing();
  await bob.close();
  expect(filesSaying(WORD, agentFolder(memgpt.home, "bob").root)).not.toEqual([]);

  const found = await sam.forget({ match: SECRET });

  expect(found.sharers).toEqual(["bob"]);
  expect(filesSaying(WORD, memgpt.home.root)).toEqual([]);
  const again = await memgpt.openAgent("bob");
  expect(homeOf(again)).toBe("Near the sea. Has a dog.");
  expect(await again.archival.size()).toBe(1);
  await again.undo(2);
  await again.redo();
  await again.loadCheckpoint("with it");
  await again.close();
  await sam.close();
  expect(filesSaying(WORD, memgpt.home.root)).toEqual([]);
});

test("is forgotten at once by an agent open in this process, and none of its edits restores it", async () => {
  const { memgpt, sam, bob } = await sharing();

  await sam.forget({ match: SECRET });

  expect(filesSaying(WORD, memgpt.home.root)).toEqual([]);
  await bob.editBlock("home", `${homeOf(bob) ?? ""} Has a cat.`);
  await sam.receiveBlocks();
  expect(homeOf(sam)).toBe("Near the sea. Has a dog. Has a cat.");
  await bob.undo();
  await bob.close();
  await sam.close();
  expect(filesSaying(WORD, memgpt.home.root)).toEqual([]);
});

test("what was said to the other agent stays, and causes no rewrite", async () => {
  const { memgpt, sam, bob } = await sharing();
  await bob.addPassages([{ text: `Somebody else mentioned ${SECRET}.` }]);
  await bob.editBlock("human", `Has been to ${SECRET}.`);

  await sam.forget({ match: SECRET });

  expect((await bob.archival.search({ text: WORD }, { page: 0, size: 5 })).total).toBe(1);
  expect(blockOf(bob)).toBe(`Has been to ${SECRET}.`);
  expect(homeOf(bob)).toBe("Near the sea. Has a dog.");
  await memgpt.close();
});

test("a block that the person keeps stays with all sharers, and only agents that contain it are named", async () => {
  const { memgpt, sam, bob } = await sharing();
  await memgpt.createAgent({ name: "eve" });

  const { sharers } = await sam.forget({ match: SECRET }, { keep: ["home"] });

  expect(sharers).toEqual([]);
  expect(homeOf(bob)).toContain(WORD);
});

test.each(["order", "shared", "checkpoints", "common", "rows", "pages", "sharers"])(
  "killed after the step %j, it is complete in both agents once either of them is opened",
  async (last) => {
    const { memgpt, sam, bob } = await sharing();
    await bob.close();
    await sam.close();
    const task = JSON.stringify({ home: memgpt.home.root, name: "sam", match: SECRET, last });
    const child = spawn(process.execPath, ["--import", "tsx", FORGETTER, task], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    expect(await event(child, "close")).toEqual([null, "SIGKILL"]);

    const its = await memgpt.openAgent("bob");
    expect(homeOf(its)).toBe("Near the sea. Has a dog.");
    await its.close();
    expect(filesSaying(WORD, agentFolder(memgpt.home, "bob").root)).toEqual([]);
    const opened = await memgpt.openAgent("sam");
    await opened.close();

    expect(filesSaying(WORD, memgpt.home.root)).toEqual([]);
    expect(existsSync(agentFolder(memgpt.home, "bob").sharedForgetting)).toBe(false);
    expect(existsSync(dirname(agentFolder(memgpt.home, "sam").unfinished))).toBe(false);
  },
);

test("an agent that shares nothing completes it as well, also where it is only read", async () => {
  const { memgpt, sam, bob } = await sharing();
  await (await memgpt.createAgent({ name: "eve" })).close();
  await bob.close();
  await sam.close();
  const task = JSON.stringify({ home: memgpt.home.root, name: "sam", match: SECRET, last: "order" });
  const child = spawn(process.execPath, ["--import", "tsx", FORGETTER, task], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await event(child, "close");

  await memgpt.readAgent("eve", ({ archival }) => archival.size());

  expect(filesSaying(WORD, memgpt.home.root)).toEqual([]);
});

test("an agent that another process has open in the middle of a turn neither keeps it in a checkpoint nor publishes it", async () => {
  const { memgpt, sam, bob: closed } = await sharing();
  await closed.close();
  const llm = whileThinking(
    new ScriptedLlm(A_CAT),
    once(async () => sam.forget({ match: SECRET })),
  );
  const elsewhere = await testHome({ dir: memgpt.home.root, llm: () => llm });
  const bob = await elsewhere.openAgent("bob", {}, { verify: false });

  await collect(bob.send("I have a cat."));
  await bob.save();

  expect(filesSaying(WORD, memgpt.home.root)).toEqual([]);
  await sam.receiveBlocks();
  expect([homeOf(bob), homeOf(sam)]).toEqual(Array(2).fill("Near the sea. Has a dog.\nHas a cat."));
});

test("goes from an agent that had the block once, under another name", async () => {
  const { memgpt, sam, bob } = await sharing();
  const { id } = await memgpt.blocks.get("home");
  await bob.changeBlock("home", { label: "dwelling" });
  await memgpt.blocks.detach(bob, id);
  await bob.close();
  // Of the records, the newest version of each remains.
  new FileRecords(memgpt.home.blocksFile).rewrite(() => []);

  const { sharers } = await sam.forget({ match: SECRET });

  expect(sharers).toEqual(["bob"]);
  expect(filesSaying(WORD, memgpt.home.root)).toEqual([]);
});
