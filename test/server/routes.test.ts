import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, serve } from "memgpt/server";
import { afterAll, expect, test } from "vitest";

type Operation = { readonly responses: Readonly<Record<string, unknown>>; readonly requestBody?: unknown };
type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

const dir = mkdtempSync(join(tmpdir(), "memgpt-test-"));
const server = await testServerForAll();
const { paths, openapi } = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document;
const routes = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);
const open = /^\/v1\/(health|ready)$/;
const closed = routes.filter(({ path }) => !open.test(path));

afterAll(async () => {
  await server.close(0);
  rmSync(dir, { recursive: true, force: true });
});

/** One server for all routes, with an agent of somebody else's. */
async function testServerForAll(): Promise<RunningServer & { token: string; agentOfAnother: string }> {
  const made = await serve({ dir, env: {}, port: 0, rate: 100_000 });
  made.accounts.addUser("ana");
  const { token } = made.accounts.createKey({ user: "ana" });
  const other = await fetch(`${made.url}/v1/agents`, {
    method: "POST",
    headers: { authorization: `Bearer ${made.accounts.createKey({ user: "default" }).token}` },
  });
  const { id } = (await other.json()) as { id: string };
  return { ...made, token, agentOfAnother: id };
}

const ask = async (
  { method, path }: { readonly method: string; readonly path: string },
  options: { readonly token?: string; readonly body?: string; readonly id?: string } = {},
): Promise<Response> => {
  const { token, body, id = "agent-00000000-0000-4000-8000-000000000009" } = options;
  return fetch(server.url + path.replace(/\{[^}]+\}/g, encodeURIComponent(id)), {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined || method === "GET" ? {} : { body }),
  });
};

test("the document is OpenAPI 3.1, and every route has a summary and says what it refuses", () => {
  expect(openapi).toBe("3.1.0");
  expect(routes.length).toBeGreaterThan(60);
  for (const { operation } of routes)
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["200", "401", "422"]));
});

test.each(closed)("$method $path wants a key", async (route) => {
  expect((await ask(route)).status).toBe(401);
});

test.each(closed)(
  "$method $path answers the documented error to a wrong key, another's id, garbage and 10 MB",
  async (route) => {
    const documented = [...Object.keys(route.operation.responses).map(Number)];
    const { token, agentOfAnother: id } = server;
    const takesBody = route.operation.requestBody !== undefined;

    expect([401, 429]).toContain((await ask(route, { token: "mg-wrong" })).status);
    if (route.path.includes("{")) {
      const [others, nobodys] = [await ask(route, { token, id }), await ask(route, { token })];
      expect(others.status).toBe(nobodys.status);
      expect([404, 422]).toContain(others.status);
      expect((await others.text()).replaceAll(id, "ID")).toBe(
        (await nobodys.text()).replaceAll("agent-00000000-0000-4000-8000-000000000009", "ID"),
      );
    }
    if (!takesBody) return;
    const garbage = await ask(route, { token, body: '{"' });
    expect(documented).toContain(garbage.status);
    expect(garbage.status).toBeGreaterThanOrEqual(400);
    const huge = await ask(route, { token, body: JSON.stringify({ text: "x".repeat(10_000_000) }) });
    // A file may be that large, and this is none.
    expect(huge.status).toBe(route.path === "/v1/agents/import" ? 415 : 413);
  },
);
