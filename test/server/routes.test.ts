import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "memgpt/server";
import { afterAll, expect, test } from "vitest";
import { type Schema, minimal } from "./support/minimal.ts";
import { all, lettaAt } from "./support/server.ts";

type Content = { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: Schema };
type Operation = {
  readonly summary?: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly requestBody?: Content;
  readonly parameters?: readonly Parameter[];
};
type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const dir = mkdtempSync(join(tmpdir(), "memgpt-test-"));
const server = await serve({ dir, env: {}, port: 0, rate: 100_000 });
await server.accounts.addUser("ana");
const { token } = await server.accounts.createKey({ user: "ana" });
const { token: othersToken } = await server.accounts.createKey({ user: "default", name: "secret" });
const others = await belongings();

afterAll(async () => {
  await server.close(0);
  rmSync(dir, { recursive: true, force: true });
});

/** One thing of each kind that somebody else has, by the name that paths have for its id. */
async function belongings(): Promise<Readonly<Record<string, string>>> {
  const client = lettaAt(server, othersToken);
  const agent = await client.agents.create({ name: "secret", tags: ["secret"] });
  const agent_id = agent.id;
  await client.agents.messages.create(agent_id, { input: "My secret is called James." });
  const [message] = await all(client.agents.messages.list(agent_id, { limit: 1 }));
  const [run] = await all(client.runs.list());
  const [step] = await all(client.steps.list());
  const [passage] = (await client.agents.passages.create(agent_id, { text: "A secret passage." })) as { id: string }[];
  const archive = await client.archives.create({ name: "secret" });
  const folder = await client.folders.create({ name: "secret" });
  const file = await client.folders.files.upload(folder.id, { file: new File(["A secret file."], "secret.txt") });
  const block = await client.blocks.create({ label: "secret", value: "secret" });
  const tool = await client.tools.create({ source_code: "def secret():\n    return 1\n" });
  const conversation = await client.conversations.create({ agent_id, summary: "secret" });
  const body = { identifier_key: "secret", name: "secret" };
  const identity = await client.post<{ id: string }>("/v1/identities/", { body });
  const [key] = server.accounts.keys();
  const id = (thing: { readonly id?: string } | undefined): string => thing?.id ?? "";
  return {
    agent_id,
    block_id: block.id,
    block_label: "human",
    tool_id: tool.id,
    tool_name: "send_message",
    run_id: id(run),
    step_id: id(step),
    message_id: id(message),
    memory_id: id(passage),
    passage_id: id(passage),
    archive_id: archive.id,
    folder_id: folder.id,
    source_id: folder.id,
    file_id: file.id,
    conversation_id: conversation.id,
    identity_id: identity.id,
    user_id: server.accounts.user("default")?.id ?? "",
    key_id: key?.id ?? "",
    turn_id: id(run),
    model: "secret",
    source: "secret",
    server: "secret",
    checkpoint: "1",
    name: "secret",
  };
}

const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document;
const routes = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);
type Route = (typeof routes)[number];
const closed = routes.filter(({ path }) => !/^\/v1\/(health|ready)$/.test(path));
const named = document.components.schemas;

type Asked = {
  readonly token?: string | undefined;
  readonly ids?: Readonly<Record<string, string>>;
  readonly body?: string | FormData | undefined;
};

function ask(
  route: Pick<Route, "method" | "path"> & { readonly operation?: Operation },
  asked: Asked = {},
): Promise<Response> {
  const { token: key, ids = {}, body } = asked;
  const path = route.path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? "none"));
  const query = (route.operation?.parameters ?? [])
    .filter((parameter) => parameter.in === "query" && parameter.required === true)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(ids[name] ?? String(minimal(schema, named)))}`);
  return fetch(`${server.url}${path}${query.length === 0 ? "" : `?${query.join("&")}`}`, {
    method: route.method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(typeof body === "string" ? { "content-type": "application/json" } : {}),
      ...(route.path.startsWith("/mcp") ? { accept: "application/json, text/event-stream" } : {}),
    },
    ...(body === undefined ? {} : { body }),
  });
}

/** The least body that a route takes. */
function bodyOf({ operation }: Route): string | FormData | undefined {
  const { content } = operation.requestBody ?? {};
  const json = content?.["application/json"];
  if (json !== undefined) return JSON.stringify(minimal(json.schema, named));
  if (content === undefined) return undefined;
  const form = new FormData();
  form.append("file", new File(["Some text."], "some.txt"));
  return form;
}

/** Ids of the same form that nobody has. */
const nobodys = Object.fromEntries(
  Object.entries(others).map(([name, id]) => [
    name,
    id.replace(/[0-9a-f]{12}$/, "000000000009").replace("secret", "nobody"),
  ]),
);

/** What an answer says, whichever ids it was asked for. */
async function saidOf(response: Response, ids: Readonly<Record<string, string>>): Promise<string> {
  let text = await response.text();
  for (const [name, id] of Object.entries(ids)) if (id.length > 5) text = text.replaceAll(id, name);
  return text;
}

test("the document is OpenAPI 3.1, and every route has a summary and its errors", () => {
  expect(document.openapi).toBe("3.1.0");
  expect(routes.length).toBeGreaterThan(100);
  for (const { operation } of routes) {
    expect(operation.summary).not.toBe("");
    const refusals = "501" in operation.responses ? ["401", "404", "429"] : ["200", "401", "404", "413", "422", "429"];
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(refusals));
  }
});

const unsupported = routes.filter(({ operation }) => "501" in operation.responses);

test.each(unsupported)("$method $path says what to do instead", async (route) => {
  const answer = await ask(route, { token: othersToken, ids: others });

  expect(answer.status).toBe(501);
  expect(answer.headers.get("x-should-retry")).toBe("false");
  expect(await answer.json()).toMatchObject({ detail: `${route.operation.summary ?? ""} Nothing was done.` });
});

test.each(closed)("$method $path wants a key that somebody has", async (route) => {
  expect((await ask(route)).status).toBe(401);
  expect([401, 429]).toContain((await ask(route, { token: "mg-wrong" })).status);
});

const withIds = closed.filter(({ path }) => path.includes("{"));

test.each(withIds)("$method $path answers another user's id like an unknown one", async (route) => {
  const [theirs, none] = await Promise.all(
    [others, nobodys].map(async (ids) => {
      const answer = await ask(route, { token, ids, body: bodyOf(route) });
      return { status: answer.status, text: await saidOf(answer, ids) };
    }),
  );

  expect(theirs).toEqual(none);
  // Servers of tools are for admins alone.
  expect(theirs?.status).toBe(route.path.startsWith("/v1/tool-servers/") ? 403 : 404);
});

/** Streams that stay open while a client listens have tests of their own. */
const lists = closed.filter(({ method, path }) => method === "GET" && !/\{|\/events$/.test(path));

test.each(lists)("$method $path shows nothing of other users", async (route) => {
  const [theirs, none] = await Promise.all(
    [others, nobodys].map(async (ids) => {
      const id = ids["agent_id"] ?? "";
      return saidOf(await ask({ method: "GET", path: `${route.path}?after=${id}&agent_id=${id}` }, { token }), ids);
    }),
  );
  const plain = await (await ask(route, { token })).text();

  expect(theirs).toBe(none);
  expect(plain).not.toContain("secret");
});

const withBody = closed.filter(({ operation }) => operation.requestBody !== undefined);

test.each(withBody)("$method $path refuses garbage and 10 MB as documented", async (route) => {
  const documented = Object.keys(route.operation.responses).map(Number);
  const garbage = await ask(route, { token, ids: others, body: '{"' });
  expect(documented).toContain(garbage.status);
  expect(garbage.status).toBeGreaterThanOrEqual(400);
  const huge = await ask(route, { token, ids: others, body: JSON.stringify({ text: "x".repeat(10_000_000) }) });
  // Uploads may be that large; this body is not a file.
  expect(huge.status).toBe(
    /^\/v1\/import|\/documents$/.test(route.path) ? 422 : /\/(import|upload)$/.test(route.path) ? 415 : 413,
  );
});

test("a body over the limit is refused with the limit", async () => {
  const response = await fetch(`${server.url}/v1/agents`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ name: "x".repeat(4_100_000) }),
  });

  expect(response.status).toBe(413);
  expect(await response.text()).toContain("larger than the limit of 4 MB. Nothing was done.");
});

const NEEDS_A_KEY = ["/metrics", "/mcp", "/mcp/secret"];

test.each(NEEDS_A_KEY)("%s, which is undocumented, requires a key, too", async (path) => {
  const route = { method: path === "/metrics" ? "GET" : "POST", path };
  expect((await ask(route)).status).toBe(401);
  expect([401, 429]).toContain((await ask(route, { token: "mg-wrong" })).status);
});

test("MCP hides other users' memory, and refuses garbage and 10 MB", async () => {
  const at = (path: string, body: string): Promise<Response> => ask({ method: "POST", path }, { token, body });
  const list = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });

  const [theirs, none] = [await at("/mcp/secret", list), await at("/mcp/nobody", list)];
  expect([theirs.status, none.status]).toEqual([404, 404]);
  expect((await theirs.text()).replaceAll("secret", "nobody")).toBe(await none.text());
  expect((await at("/mcp", '{"')).status).toBe(400);
  expect((await at("/mcp", JSON.stringify({ text: "x".repeat(10_000_000) }))).status).toBe(413);
});

test("open routes reveal nothing about anybody, and metrics are for admins only", async () => {
  for (const path of ["/", "/health", "/ready", "/docs", "/openapi.json", "/v1/health/"]) {
    const answer = await ask({ method: "GET", path });
    expect(answer.status, path).toBe(200);
    // "secrets" is a field of Letta's API.
    expect(await answer.text()).not.toMatch(/\bsecret\b/);
  }
  expect((await ask({ method: "GET", path: "/page/nothing.js" })).status).toBe(404);
  expect((await ask({ method: "GET", path: "/metrics" }, { token })).status).toBe(404);
});

test.each([
  ["POST", "/v1/agents", { block_ids: [others["block_id"]] }],
  ["POST", "/v1/agents", { tool_ids: [others["tool_id"]] }],
  ["POST", "/v1/agents", { folder_ids: [others["folder_id"]] }],
  ["POST", "/v1/agents", { identity_ids: [others["identity_id"]] }],
  ["POST", "/v1/messages/search", { query: "James", agent_id: others["agent_id"] }],
  ["POST", "/v1/messages/search", { query: "James", conversation_id: others["conversation_id"] }],
  ["POST", "/v1/passages/search", { query: "passage", agent_id: others["agent_id"] }],
  ["POST", "/v1/passages/search", { query: "passage", archive_id: others["archive_id"] }],
  ["POST", "/v1/identities", { identifier_key: "x", name: "x", agent_ids: [others["agent_id"]] }],
] as const)("%s %s with %o is not found", async (method, path, body) => {
  expect((await ask({ method, path }, { token, body: JSON.stringify(body) })).status).toBe(404);
});

test("searches find nothing of other users", async () => {
  const client = lettaAt(server, token);
  await client.agents.create({ name: "mine" });

  expect(await client.messages.search({ query: "James secret" })).toEqual([]);
  expect(await client.passages.search({ query: "secret passage" })).toEqual([]);
  expect(await client.tools.search({ query: "secret" })).toEqual([]);
});
