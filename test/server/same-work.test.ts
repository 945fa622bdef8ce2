import { serve } from "memgpt/server";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";
import { temporaryFolder } from "../support/agents.ts";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { all, lettaAt } from "./support/server.ts";

/** Times that each request is sent: some of them also look for what other programs have made. */
const TIMES = 4;

describe.skipIf(TEST_SERVER === undefined)("another user's id", () => {
  test("is answered like one that does not exist, after the same statements", async () => {
    const server = await serve({ dir: temporaryFolder(), env: {}, port: 0, database: await databaseUrl() });
    onTestFinished(() => server.close(0));
    const keyOf = async (name: string): Promise<string> => {
      await server.accounts.addUser(name);
      return (await server.accounts.createKey({ user: name })).token;
    };
    const [ana, key] = [lettaAt(server, await keyOf("ana")), await keyOf("ben")];
    const agent = (await ana.agents.create({ name: "sam" })).id;
    await ana.agents.messages.create(agent, { input: "My boyfriend is called James." });
    const block = (await ana.blocks.create({ label: "notes", value: "secret" })).id;
    const archive = (await ana.archives.create({ name: "secrets" })).id;
    const [run] = await all(ana.runs.list());
    const query = vi.spyOn(PgDatabase.prototype, "query");
    const ask = async (
      method: string,
      path: string,
      body?: object,
    ): Promise<{ answer: string; statements: string[] }> => {
      query.mockClear();
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(`${server.url}/v1${path}`, { method, headers, ...sent });
      const statements = query.mock.calls.map(([sql]) => sql).filter((sql) => !sql.startsWith("INSERT INTO processes"));
      return { answer: `${answer.status} ${await answer.text()}`, statements };
    };
    const least = async (...request: Parameters<typeof ask>): Promise<Awaited<ReturnType<typeof ask>>> => {
      const asked: Awaited<ReturnType<typeof ask>>[] = [];
      for (let i = 0; i < TIMES; i += 1) asked.push(await ask(...request));
      return asked.sort((a, b) => a.statements.length - b.statements.length)[0] ?? { answer: "", statements: [] };
    };
    const requests: [method: string, id: string, path: (id: string) => string, body?: object][] = [
      ["GET", agent, (id) => `/agents/${id}`],
      ["PATCH", agent, (id) => `/agents/${id}`, { name: "mine" }],
      ["GET", agent, (id) => `/agents/${id}/messages`],
      ["POST", agent, (id) => `/agents/${id}/messages`, { input: "Hi" }],
      ["GET", agent, (id) => `/agents/${id}/archival-memory`],
      ["DELETE", agent, (id) => `/agents/${id}`],
      ["GET", block, (id) => `/blocks/${id}`],
      ["GET", archive, (id) => `/archives/${id}`],
      ["GET", run?.id ?? "", (id) => `/runs/${id}`],
    ];
    for (const [method, id, path, body] of requests) {
      const absent = id.replace(/[-0-9a-f]{12}$/, "0123456789ab");
      const [theirs, nobodys] = [await least(method, path(id), body), await least(method, path(absent), body)];

      expect(nobodys.answer).toMatch(/^404 /);
      expect({ ...theirs, answer: theirs.answer.replaceAll(id, absent) }, `${method} ${path(id)}`).toEqual(nobodys);
    }
  });
});
