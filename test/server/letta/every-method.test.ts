import Letta from "@letta-ai/letta-client";
import { LettaClient } from "letta-client-2025";
import { expect, test } from "vitest";
import { testServer } from "../support/server.ts";

/** What came of a call: the route that the client asked for, the status of the answer, and why the client could not use it. */
type Outcome = {
  readonly route: string;
  readonly status: number;
  readonly body: string;
  readonly unusable?: string | undefined;
};
type Method = { readonly name: string; readonly call: (...args: unknown[]) => unknown };

/** Methods that take away or end what others ask for; they are called last. */
const LAST = /(^|\.)(delete|detach|remove|reset|cancel|close|rollback|migrate)/i;

/** What this server does not have, by the first words of the method. Everything else must work. */
const ABSENT =
  /^(templates|environments|accessTokens|clientSideAccessTokens|mcpServers|groups|providers|projects|batches|jobs|voice|telemetry|agents\.schedule|agents\.templates|agents\.groups|tools\.(.*Mcp.*|.*Composio.*|runToolFromSource)|messages\.listBatchMessages|agents\.messages\.previewRawPayload|agents\.messages\.search|agents\.search|(folders|sources)\.(passages|get(Folders|Sources)Metadata))/;

/** Everything that methods may be called with, under every name that a parameter has. */
async function world(url: string) {
  const client = new Letta({ baseURL: url, apiKey: "any" });
  const folder = await client.folders.create({ name: "notes" });
  const file = await client.folders.files.upload(folder.id, { file: new File(["Herons nest."], "birds.txt") });
  const source = await client.folders.create({ name: "older notes" });
  const older = await client.folders.files.upload(source.id, { file: new File(["Terns nest."], "terns.txt") });
  const block = await client.blocks.create({ label: "team", value: "Blue." });
  const archive = await client.archives.create({ name: "nature" });
  const passage = await client.archives.passages.create(archive.id, { text: "Oaks." });
  const source_code =
    'def roll(n: int) -> str:\n    """Rolls.\n\n    Args:\n        n: sides\n    """\n    return ""\n';
  const tool = await client.tools.create({ source_code });
  const agent = await client.agents.create({
    name: "sam",
    memory_blocks: [{ label: "human", value: "Ann." }],
    tool_ids: [tool.id],
  });
  await client.agents.folders.attach(folder.id, { agent_id: agent.id });
  const conversation = await client.conversations.create({ agent_id: agent.id });
  const identity = await client.post<{ id: string }>("/v1/identities", {
    body: { identifier_key: "ann", name: "Ann", identity_type: "user" },
  });
  const [note] = await client.agents.passages.create(agent.id, { text: "A note." });
  const { run_id } = await client.post<{ run_id: string }>(`/v1/agents/${agent.id}/messages`, {
    body: { input: "Hi" },
  });
  const [step] = await client.get<{ id: string }[]>(`/v1/runs/${run_id}/steps`);
  const messages = await client.get<{ id: string }[]>(`/v1/agents/${agent.id}/messages?limit=1`);
  return {
    agents: agent.id,
    folders: folder.id,
    sources: source.id,
    older: older.id,
    files: file.id,
    blocks: block.id,
    archives: archive.id,
    passages: passage.id ?? "",
    note: note?.id ?? "",
    tools: tool.id,
    conversations: conversation.id,
    identities: identity.id,
    runs: run_id,
    steps: step?.id ?? "",
    messages: messages[0]?.id ?? "",
    source_code,
  };
}

type World = Awaited<ReturnType<typeof world>>;

/** In the place of every id that a client is given; the request then gets the one that its path means. */
const ID = "ID";
const WORDS = new Set(["attach", "detach", "approval", "run", "close", "open"]);

function pathFor(path: string, ids: World): string {
  const named: Readonly<Record<string, string>> = { ...ids, "archival-memory": ids.note };
  const parts = path.split("/");
  return parts
    .map((part, at) => {
      if (part !== ID) return part;
      const before = parts.slice(0, at).filter((word) => word !== ID && !WORDS.has(word));
      const kind = before.at(-1) ?? "";
      // /v1/folders/{folder}/{file}
      if (parts[at - 1] === ID && kind === "folders") return ids.files;
      if (path.startsWith("/v1/sources/") && (parts[at - 1] === ID || kind === "files")) return ids.older;
      if (parts[at - 1] === "name") return path.startsWith("/v1/sources/") ? "older notes" : "notes";
      if (parts[at - 1] === "approval") return "roll";
      if (kind === "blocks" && parts[2] === "agents" && !WORDS.has(parts[at - 1] ?? "")) return "human";
      return path.endsWith(`/${ID}/run`) && at === parts.length - 2 ? "send_message" : (named[kind] ?? ID);
    })
    .join("/");
}

/** What a route needs to be told beside the ids in its path. */
function bodyFor(route: string, { source_code }: World): object {
  if (/messages\/search|passages\/search|tools\/search/.test(route)) return { query: "note" };
  if (/archives\/ID\/passages\/batch/.test(route)) return { passages: [{ text: "Elms." }] };
  if (/archival-memory|archives\/ID\/passages/.test(route)) return { text: "Elms." };
  if (/messages\/cancel|recompile|fork|compact|summarize|reset-messages/.test(route)) return {};
  if (route.startsWith("PATCH") && /messages\/ID$/.test(route))
    return { message_type: "assistant_message", content: "Hi." };
  if (/messages|stream$/.test(route)) return { input: "Hello" };
  if (/\/tools\/?$/.test(route))
    return { source_code: source_code.replaceAll("roll", route.startsWith("PUT") ? "roll" : "toss") };
  if (/\/run$/.test(route)) return { args: {} };
  if (/approval/.test(route)) return { requires_approval: true };
  if (/identities\/?$/.test(route)) return { identifier_key: "bob", name: "Bob", identity_type: "user" };
  if (/properties/.test(route)) return [{ key: "a", value: "b", type: "string" }];
  if (/blocks\/?$/.test(route)) return { label: "more", value: "" };
  if (/(folders|sources|archives)\/?$/.test(route)) return { name: "more" };
  if (/feedback/.test(route)) return { feedback: "positive" };
  if (/conversations\/ID$/.test(route)) return { summary: "About tea" };
  return { tags: [] };
}

function multipart(route: string): FormData | undefined {
  const form = new FormData();
  if (/upload/.test(route)) form.set("file", new File(["Terns nest."], "terns.txt"));
  else if (/import/.test(route)) form.set("file", new File([JSON.stringify(AGENT_FILE)], "sam.af"));
  else return undefined;
  return form;
}

const AGENT_FILE = {
  agents: [
    { id: "agent-0", name: "Imported", agent_type: "letta_v1_agent", messages: [], block_ids: [], tool_ids: [] },
  ],
  ...{ groups: [], blocks: [], files: [], sources: [], tools: [], mcp_servers: [], skills: [], metadata: {} },
};

/** Makes the request that a client wants to make, with ids and body that are there. */
async function requested(base: string, ids: World, method: string, wanted: string, headers = {}): Promise<Response> {
  const { pathname } = new URL(wanted);
  const route = `${method} ${pathname}`;
  const query = /archival-memory\/search/.test(route)
    ? "?query=note"
    : route === "POST /v1/conversations/"
      ? `?agent_id=${ids.agents}`
      : "";
  const form = multipart(route);
  const hasBody = method !== "GET" && method !== "DELETE";
  const response = await fetch(base + pathFor(pathname, ids) + query, {
    method,
    headers: form !== undefined || !hasBody ? headers : { ...headers, "content-type": "application/json" },
    ...(form !== undefined ? { body: form } : hasBody ? { body: JSON.stringify(bodyFor(route, ids)) } : {}),
  });
  // A changed passage has another id.
  if (route.startsWith("PATCH") && /archival-memory\/ID$/.test(route) && response.ok) {
    const [made] = (await response.clone().json()) as { id: string }[];
    ids.note = made?.id ?? "";
  }
  return response;
}

/** Every method of a client, found on its resources: getters or fields. */
function methodsOf(resource: object, name = "", depth = 0): Method[] {
  const proto = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(resource) as object);
  const own = Object.entries(proto).filter(([key]) => key !== "constructor" && !key.startsWith("_"));
  const at = (key: string): string => (name === "" ? key : `${name}.${key}`);
  const methods = own.flatMap(([key, { value }]): Method[] =>
    typeof value === "function" && depth > 0
      ? [{ name: at(key), call: (...args) => (value as Method["call"]).apply(resource, args) }]
      : [],
  );
  const fields = new Map<string, unknown>(Object.entries(resource));
  for (const [key, { value }] of own) if (value === undefined) fields.set(key, Reflect.get(resource, key));
  const resources = [...fields].filter(
    ([key, value]) =>
      typeof value === "object" && value !== null && !key.startsWith("_") && key !== "logger" && depth < 4,
  );
  return [
    ...methods,
    ...resources.flatMap(([key, value]) =>
      Object.getPrototypeOf(value) === Object.prototype ? [] : methodsOf(value as object, at(key), depth + 1),
    ),
  ];
}

/** Everything that some method requires of its argument. */
const ARGUMENT = {
  ...{ agent_id: ID, archive_id: ID, folder_id: ID, mcp_server_id: ID, project_id: ID, template_id: ID },
  ...{ input: "x", query: "x", text: "x", name: "x", label: "x", value: "x", url: "x", content: "x", messages: [] },
  ...{ source_code: "x", sourceCode: "x", agentId: ID, requiresApproval: true, maxMessageLength: 1, passages: [] },
  ...{ identifierKey: "x", identityType: "user", requests: [], apiKey: "x", providerType: "openai", serverName: "x" },
  ...{ serverUrl: "x", agentIds: [], description: "x", toTemplate: "x", preserveCoreMemories: true },
  ...{ file: new File(["x"], "x.txt"), hostname: "x", policy: { version: "1", data: [] }, newName: "x", role: "user" },
};
const TODAY = [[ID, ARGUMENT], [ARGUMENT]];
const OF_2025 = [[ID, ID, ARGUMENT], [ID, ARGUMENT], [ARGUMENT], [ARGUMENT.file, ID, {}], [ID, []]];

/** The newest answer that a client got. */
class Asked {
  outcome: Outcome | undefined;

  take(): Outcome | undefined {
    const { outcome } = this;
    this.outcome = undefined;
    return outcome;
  }
}

/** Calls every method of a client, in whatever way makes it ask. @returns what the server answered, by method. */
async function walk(
  methods: readonly Method[],
  calls: readonly (readonly unknown[])[],
  asked: Asked,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const [last, first] = [methods.filter(({ name }) => LAST.test(name)), methods.filter(({ name }) => !LAST.test(name))];
  // What a resource deletes its children need until then.
  const depth = ({ name }: Method): number => (name === "agents.delete" ? 0 : name.split(".").length);
  const inOrder = [...first, ...last.sort((a, b) => depth(b) - depth(a) || (a.name < b.name ? -1 : 1))];
  for (const { name, call } of inOrder) {
    for (const args of calls) {
      const unusable = await Promise.resolve()
        .then(() => call(...args))
        .then(
          () => undefined,
          (error: unknown) => String(error),
        );
      const outcome = asked.take();
      if (outcome === undefined) continue;
      outcomes.set(name, { ...outcome, unusable });
      break;
    }
  }
  return outcomes;
}

async function outcomeOf(method: string, url: string, response: Response): Promise<Outcome> {
  const body = await response.clone().text();
  return { route: `${method} ${new URL(url).pathname}`, status: response.status, body: body.slice(0, 300) };
}

function check(methods: readonly Method[], outcomes: ReadonlyMap<string, Outcome>): void {
  const line = (name: string, { route, status, body }: Outcome): string => `${name}: ${route} → ${status} ${body}`;
  const found = [...outcomes];
  const unasked = methods.filter(({ name }) => !outcomes.has(name) && !ABSENT.test(name));
  expect(unasked.map(({ name }) => name)).toEqual([]);
  expect(found.filter(([, { body }]) => body.includes("There is no route")).map((it) => line(...it))).toEqual([]);
  const [absent, here] = [found.filter(([name]) => ABSENT.test(name)), found.filter(([name]) => !ABSENT.test(name))];
  expect(here.filter(([, { status }]) => status !== 200).map((it) => line(...it))).toEqual([]);
  expect(here.flatMap(([name, { unusable }]) => (unusable === undefined ? [] : `${name}: ${unusable}`))).toEqual([]);
  expect(absent.filter(([, { status }]) => ![200, 404, 501].includes(status)).map((it) => line(...it))).toEqual([]);
  const refused = absent.filter(([, { status }]) => status !== 200);
  expect(refused.filter(([, { body }]) => !/^\{"detail":"[A-Z]/.test(body)).map((it) => line(...it))).toEqual([]);
}

test(
  "every method of Letta's client of today works, or is refused in its own words",
  { timeout: 300_000 },
  async () => {
    const server = await testServer();
    const ids = await world(server.url);
    const asked = new Asked();
    const client = new Letta({
      baseURL: server.url,
      apiKey: "any",
      maxRetries: 0,
      fetch: async (url, init) => {
        const method = init?.method?.toUpperCase() ?? "GET";
        const wanted = typeof url === "string" ? url : "url" in url ? url.url : url.href;
        const response = await requested(server.url, ids, method, wanted);
        asked.outcome = await outcomeOf(method, wanted, response);
        return response;
      },
    });

    const methods = methodsOf(client);
    expect(methods.length).toBeGreaterThan(100);
    check(methods, await walk(methods, TODAY, asked));
  },
);

test("every method of Letta's client of 2025 works, or is refused in its own words", { timeout: 300_000 }, async () => {
  const server = await testServer();
  const ids = await world(server.url);
  const asked = new Asked();
  const client = new LettaClient({
    baseUrl: server.url,
    token: "any",
    fetcher: async ({ url, method }) => {
      const response = await requested(server.url, ids, method, url, { "x-fern-language": "JavaScript" });
      asked.outcome = await outcomeOf(method, url, response);
      const text = await response.text();
      const body = response.headers.get("content-type")?.includes("json") === true ? JSON.parse(text) : text;
      const rawResponse = response;
      if (response.ok) return { ok: true, body, rawResponse };
      return { ok: false, error: { reason: "status-code", statusCode: response.status, body }, rawResponse };
    },
  });

  const methods = methodsOf(client);
  expect(methods.length).toBeGreaterThan(150);
  check(methods, await walk(methods, OF_2025, asked));
});
