import { type RunningServer, serve } from "memgpt/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";

const WORD = "Zanzibar";

type Json = Readonly<Record<string, unknown>>;

describe.skipIf(TEST_SERVER === undefined)("what is forgotten at one server of a database", () => {
  test("is in no answer of another one that had it in memory", async () => {
    const url = await databaseUrl();
    const [one, two] = [await serverOf(url), await serverOf(url)];
    const agent = String((await json(two, "POST", "/v1/agents/", { name: "sam" }))["id"]);
    const run = String(
      (await json(two, "POST", `/v1/agents/${agent}/messages/async`, { input: `I live in ${WORD}.` }))["id"],
    );
    await expect.poll(async () => (await json(two, "GET", `/v1/runs/${run}`))["status"]).toBe("completed");
    await json(two, "POST", `/v1/agents/${agent}/archival-memory`, { text: `Once in ${WORD}.`, tags: ["home"] });
    await json(two, "PATCH", `/v1/agents/${agent}/core-memory/blocks/human`, { value: `From ${WORD}.` });
    const places = await placesAt(two, agent, run);
    const saying = async (): Promise<string[]> => {
      const found: string[] = [];
      for (const [method, path, body] of places) {
        if ((await send(two, method, path, body)).includes(WORD)) found.push(`${method} ${path.replace(/\?.*/, "")}`);
      }
      return found;
    };
    const before = await saying();
    expect(before.length).toBeGreaterThan(10);

    // As soon as the other has closed the agent, which nobody uses.
    await expect
      .poll(async () => send(one, "POST", `/v1/agents/${agent}/forget`, { match: WORD }), { timeout: 20_000 })
      .toContain("remains");

    expect(await saying()).toEqual([]);
  });
});

async function serverOf(database: string): Promise<RunningServer> {
  const server = await serve({ dir: temporaryFolder(), env: {}, port: 0, database, idleMs: 50 });
  onTestFinished(() => server.close(0));
  return server;
}

/** Everything that can be read of an agent and of one of its turns. */
async function placesAt(server: RunningServer, agent: string, run: string): Promise<[string, string, object?][]> {
  const { paths } = (await json(server, "GET", "/openapi.json")) as { paths: Record<string, Json> };
  const [step] = JSON.parse(await send(server, "GET", `/v1/runs/${run}/steps`)) as { id: string }[];
  const blocks = JSON.parse(await send(server, "GET", "/v1/blocks/")) as { id: string; label: string }[];
  const ids: Record<string, string> = {
    agent_id: agent,
    run_id: run,
    step_id: step?.id ?? "",
    block_id: blocks.find(({ label }) => label === "human")?.id ?? "",
    block_label: "human",
  };
  const named = Object.entries(paths)
    .filter(([, methods]) => "get" in methods)
    .map(([path]) => path.replace(/\{(\w+)\}/g, (all, name: string) => ids[name] ?? all))
    .filter((path) => !path.includes("{") && !/events|feed|\/page/.test(path));
  const asked = `query=${WORD}&search=${WORD}&q=${WORD}&text=${WORD}`;
  return [
    ...named.map((path): [string, string] => ["GET", `${path}?${asked}`]),
    ...named.map((path): [string, string] => ["GET", path]),
    ["POST", `/v1/runs/${run}/stream`, {}],
    ["POST", `/v1/messages/search`, { query: WORD }],
    ["POST", `/v1/agents/${agent}/search`, { query: "where I live" }],
  ];
}

async function json(server: RunningServer, method: string, path: string, body?: object): Promise<Json> {
  return JSON.parse(await send(server, method, path, body)) as Json;
}

async function send(server: RunningServer, method: string, path: string, body?: object): Promise<string> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const signal = AbortSignal.timeout(10_000);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${server.url}${path}`, { method, headers, signal, ...sent });
  return answer.text();
}
