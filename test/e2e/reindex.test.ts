import type { ServerResponse } from "node:http";
import { MemGPT } from "memgpt";
import { expect, test } from "vitest";
import { HashEmbedder } from "../../src/llm/embedders/hash-embedder.ts";
import { AGENT, addPassages } from "../reindex/agents.ts";
import { TestEmbedder } from "../support/embedder.ts";
import { type Behaviour, json, modelServer } from "../support/model-server.ts";
import { dataFolder, inspect, memgpt, newHome, output, search } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

/** A server that embeds as TestEmbedder does; after so many requests it leaves the next one waiting. `delay` in milliseconds. */
async function embeddingServer(
  patience = Infinity,
  delay = 0,
): Promise<{
  endpoint: string;
  waiting: () => boolean;
  release: () => void;
}> {
  const embedder = new TestEmbedder("meanings");
  const nothing = [0, 0, 0, 0, 0, 0, 0.6, 0.8];
  const held: ServerResponse[] = [];
  let requests = 0;
  const behaviour: Behaviour = (response, request) => {
    requests += 1;
    if (requests > patience) {
      held.push(response);
      return;
    }
    const texts = request.body["input"] as string[];
    const data = texts.map((text, index) => ({ index, embedding: [...(embedder.vectorOf(text) ?? nothing)] }));
    setTimeout(() => {
      json({ object: "list", data })(response, request);
    }, delay);
  };
  const { endpoint } = await modelServer([behaviour]);
  const release = (): void => {
    requests = Number.NEGATIVE_INFINITY;
  };
  return { endpoint, waiting: () => held.length > 0, release };
}

/** A home with an agent that has so many passages, embedded as everything is by default. */
async function homeWith(passages: number): Promise<string> {
  const home = newHome();
  await output(home, ["run", "--agent", AGENT, "-y", "-p", "hello"]);
  await addPassages(await MemGPT.open({ dir: dataFolder(home), env: {} }), 0, passages, new HashEmbedder());
  return home;
}

const flags = (endpoint: string): string[] => [
  ...["--embedding", "openai", "--embedding-model", "meanings", "--embedding-endpoint", endpoint],
];

test("Ctrl-C stops a reindex with the command that resumes it", async () => {
  const home = await homeWith(200);
  const stalling = await embeddingServer(4);

  const terminal = new Terminal(home, ["reindex", AGENT, ...flags(stalling.endpoint)]);
  await terminal.until(/\[#{19}\.{11}\] embedding with meanings: 128 of 200 passages/);
  await expect.poll(stalling.waiting).toBe(true);
  terminal.write("\x03");

  expect(await terminal.exited()).toBe(130);
  expect(terminal.text).toMatch(/Stopped\. The agent is unchanged; 128 of 200 passages are embedded and kept aside/);
  expect(terminal.text.replaceAll("\n", " ")).toContain(
    `memgpt reindex ${AGENT} ${flags(stalling.endpoint).join(" ")}`,
  );
  expect(terminal.text).not.toContain("embedding with");
  expect((await inspect(home, AGENT)).archival).toMatchObject({ embedding: "hash-1024" });
  // By words, as before.
  expect((await search(home, AGENT, "automobile", "--in", "archival")).total).toBe(0);

  stalling.release();
  const goneOn = await memgpt(home, ["reindex", AGENT, ...flags(stalling.endpoint)]);

  expect(goneOn).toMatchObject({
    code: 0,
    stdout: `Embedded 200 passages of ${AGENT} with meanings (8 dimensions).\n`,
    // A bar is for terminals only.
    stderr: "",
  });
  expect((await inspect(home, AGENT)).archival).toMatchObject({
    total: 200,
    embedding: "meanings",
    dimensions: 8,
    without_vector: 0,
    index: { kind: "exact", vectors: 200 },
  });
  expect((await search(home, AGENT, "automobile", "--in", "archival")).total).toBeGreaterThan(0);
});

test("Ctrl-C also stops an embedder that never yields", async () => {
  const home = await homeWith(5_000);
  const terminal = new Terminal(home, ["reindex", AGENT]);
  await terminal.until(/embedding with hash-1024: [\d,]+ of 5,000 passages/);
  terminal.write("\x03");

  expect(await terminal.exited()).toBe(130);
  expect(terminal.text).toMatch(/Stopped\. The agent is unchanged; [^]*\nmemgpt reindex sam$/);
});

test("a terminal shows rate and time left during a reindex, and only the result afterwards", async () => {
  const home = await homeWith(200);
  const { endpoint } = await embeddingServer(Infinity, 500);

  const terminal = new Terminal(home, ["reindex", AGENT, ...flags(endpoint)]);

  expect(await terminal.exited()).toBe(0);
  expect(terminal.raw).toMatch(/\[#+\.+\] embedding with meanings: 192 of 200 passages, [\d.]+\/s, 1 s left/);
  expect(terminal.text).toBe(`Embedded 200 passages of ${AGENT} with meanings (8 dimensions).`);
});

test("undone passages are embedded, too, and counted separately", async () => {
  const home = await homeWith(4);
  await addPassages(await MemGPT.open({ dir: dataFolder(home), env: {} }), 4, 5, new HashEmbedder());
  await output(home, ["undo", AGENT]);

  const terminal = new Terminal(home, ["reindex", AGENT]);

  expect(await terminal.exited()).toBe(0);
  expect(terminal.raw).toContain("embedding with hash-1024: 5 of 5 passages");
  expect(terminal.text).toBe(
    `Embedded 4 passages of ${AGENT} with hash-1024 (1024 dimensions), and 1 that you had undone.`,
  );
  expect(await output(home, ["list", "agents"])).toContain(", 4 passages");
});

test("an unreachable server changes nothing, and an agent can return to the built-in embedding", async () => {
  const home = await homeWith(20);
  const { endpoint } = await embeddingServer();
  await output(home, ["reindex", AGENT, ...flags(endpoint)]);

  const gone = "http://127.0.0.1:9/v1";
  const failed = await memgpt(home, ["reindex", AGENT, "--embedding-endpoint", gone]);
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toMatch(/The agent is unchanged; 0 of 20 passages/);

  const back = JSON.parse(await output(home, ["reindex", AGENT, "--embedding", "hash", "--json"])) as unknown;
  expect(back).toEqual({
    agent: AGENT,
    model: "hash-1024",
    dimensions: 1024,
    passages: 20,
    taken_back: 0,
    without_vector: 0,
  });
});

test("inspect shows the embedding of archival memory and disk use", async () => {
  const home = await homeWith(20);

  const { archival, disk } = await inspect(home, AGENT);
  const text = await output(home, ["inspect", AGENT]);

  expect(archival).toEqual({
    total: 20,
    embedding: "hash-1024",
    dimensions: 1024,
    without_vector: 0,
    index: { kind: "exact", vectors: 20, pending: 0, removed: 0, memory_bytes: 1_049_576, file_bytes: 0 },
  });
  expect(disk.database).toBeGreaterThan(20 * 4096);
  expect(disk.checkpoints).toBeGreaterThan(0);
  expect(disk.index).toBe(0);
  expect(text).toContain("archival: 20 passages, embedded with hash-1024 (1024 dimensions)\n");
  expect(text).toContain("vector index: exact, 20 vectors, about 1.0 MB of memory when loaded\n");
  expect(text).toMatch(/on disk: database [\d.]+ kB, vector index 0 bytes, checkpoints [\d.]+ kB/);
});

test.each([
  { args: ["--embedding", "magic"], says: /Allowed choices are hash, openai, local/ },
  { args: ["--embedding-dimensions", "0"], says: /whole number above 0/ },
  { args: ["--embedding-endpoint", "nowhere"], says: /Expected a URL/ },
  { args: ["--embedding-model", "m"], says: /hash has no model, endpoint or dimensions/ },
])("reindex $args is wrong usage", async ({ args, says }) => {
  const home = await homeWith(0);

  const { code, stderr } = await memgpt(home, ["reindex", AGENT, ...args]);

  expect(code).toBe(2);
  expect(stderr).toMatch(says);
});
