import type { Context } from "hono";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { type Env, answers, idIn } from "../http/api.ts";
import type { Service } from "../http/service.ts";
import { Refusal } from "../house/refusal.ts";
import { anything } from "./schemas.ts";

// Letta's features that this server lacks. Lists are empty, and requests to create or change something are refused with the
// reason, so that a script fails where it depends on one.

/** Lists that are always empty, and their totals. */
const EMPTY: readonly (readonly [path: string, value: unknown])[] = [
  ["/v1/groups", []],
  ["/v1/groups/count", 0],
  ["/v1/agents/:agent_id/groups", []],
  ["/v1/agents/:agent_id/mcp-servers", []],
  ["/v1/agents/:agent_id/core-memory/variables", { variables: {} }],
  ["/v1/agents/:agent_id/schedule", { scheduled_messages: [], has_next_page: false }],
  ["/v1/jobs", []],
  ["/v1/jobs/active", []],
  ["/v1/messages/batches", []],
  ["/v1/providers", []],
  ["/v1/mcp-servers", []],
  ["/v1/tools/mcp/servers", {}],
  ["/v1/tools/composio/apps", []],
  ["/v1/sandbox-config", []],
  ["/v1/templates", { templates: [], has_next_page: false }],
  ["/v1/projects", { projects: [], has_next_page: false }],
  ["/v1/environments", { connections: [], hasNextPage: false }],
  ["/v1/client-side-access-tokens", { tokens: [], hasNextPage: false }],
];

/** Single items of these kinds: no id exists. */
const NONE: readonly (readonly [path: string, what: string])[] = [
  ["/v1/groups/:id", "group"],
  ["/v1/groups/:id/*", "group"],
  ["/v1/agents/:agent_id/schedule/:id", "scheduled message"],
  ["/v1/jobs/:id", "job"],
  ["/v1/jobs/:id/*", "job"],
  ["/v1/messages/batches/:id", "batch"],
  ["/v1/messages/batches/:id/*", "batch"],
  ["/v1/providers/:id", "provider"],
  ["/v1/mcp-servers/:id", "MCP server"],
  ["/v1/mcp-servers/:id/*", "MCP server"],
  ["/v1/tools/mcp/servers/:id", "MCP server"],
  ["/v1/tools/mcp/servers/:id/*", "MCP server"],
  ["/v1/tools/composio/apps/:id/*", "Composio app"],
  ["/v1/tools/composio/:id", "Composio action"],
  ["/v1/sandbox-config/:id", "sandbox"],
  ["/v1/templates/:id", "template"],
  ["/v1/templates/:id/*", "template"],
  ["/v1/environments/:id", "environment"],
  ["/v1/environments/:id/*", "environment"],
  ["/v1/client-side-access-tokens/:id", "access token"],
  ["/v1/telemetry/:id", "trace"],
];

const MCP = "Add MCP servers with memgpt mcp add, or on the page.";
const MODELS = "Set up models with memgpt configure.";

/** Unsupported requests, with the alternative. */
const UNSUPPORTED: readonly (readonly [method: "GET" | "PATCH" | "POST" | "PUT", path: string, detail: string])[] = [
  ["POST", "/v1/groups", "This server has no groups of agents. Agents can share blocks."],
  ["POST", "/v1/agents/:agent_id/schedule", "This server does not schedule messages. Send one when it is due."],
  ["POST", "/v1/agents/:agent_id/migrate", "This server has no templates."],
  ["POST", "/v1/agents/:agent_id/template", "This server has no templates. Agents can be exported and imported."],
  [
    "POST",
    "/v1/agents/:agent_id/version-template",
    "This server has no templates. Agents can be exported and imported.",
  ],
  [
    "POST",
    "/v1/agents/:agent_id/messages/preview-raw-payload",
    "See GET /v1/agents/{agent_id}/context for what the model sees.",
  ],
  ["POST", "/v1/agents/messages/search", "Search messages with POST /v1/messages/search."],
  ["POST", "/v1/agents/search", "Find agents with GET /v1/agents and query_text, name or tags."],
  [
    "POST",
    "/v1/messages/batches",
    "This server does not run batches. Send messages with POST /v1/agents/{agent_id}/messages/async.",
  ],
  ["POST", "/v1/providers", MODELS],
  ["GET", "/v1/providers/check", MODELS],
  ["POST", "/v1/providers/check", MODELS],
  ["POST", "/v1/mcp-servers", MCP],
  ["PUT", "/v1/tools/mcp/servers", MCP],
  ["POST", "/v1/tools/mcp/servers/test", MCP],
  ["POST", "/v1/tools/mcp/servers/connect", MCP],
  ["POST", "/v1/tools/run", "This server does not run source code. A client runs its own tools, through approvals."],
  ["GET", "/v1/folders/metadata", "List folders with GET /v1/folders."],
  ["GET", "/v1/sources/metadata", "List folders with GET /v1/folders."],
  ["GET", "/v1/folders/:folder_id/passages", "Search folders with POST /v1/agents/{agent_id}/search."],
  ["GET", "/v1/sources/:folder_id/passages", "Search folders with POST /v1/agents/{agent_id}/search."],
  ["POST", "/v1/sandbox-config", "This server does not run source code and has no sandboxes."],
  ["POST", "/v1/templates", "This server has no templates. Agents can be exported and imported."],
  [
    "POST",
    "/v1/client-side-access-tokens",
    "Create keys with memgpt keys create, or POST /v1/admin/users/{user_id}/keys.",
  ],
  [
    "POST",
    "/v1/voice-beta/:agent_id/chat/completions",
    "This server has no voice mode. Chat completions are at /v1/chat/completions.",
  ],
];

/** Letta's routes for features that this server lacks. Registered first: routes with an id would match some of these paths. */
export function absentRoutes({ api }: Service): void {
  for (const [method, path, detail] of UNSUPPORTED) {
    describe({ api }, { method, path, detail });
    api.on(method, path, async (c) => {
      await checkNamed(c);
      throw new Refusal(501, "unsupported", `${detail} Nothing was done.`, { "x-should-retry": "false" });
    });
  }
  for (const [path, value] of EMPTY) {
    api.get(path, async (c) => {
      await checkNamed(c);
      return c.json(value as object);
    });
  }
  for (const [path, what] of NONE) {
    api.all(path, async (c) => {
      await checkNamed(c);
      throw new MemGPTError("not_found", `There is no ${what} ${c.req.param("id") ?? ""}.`);
    });
  }
}

/** Adds an unsupported route to the OpenAPI document. */
function describe({ api }: Pick<Service, "api">, route: { method: string; path: string; detail: string }): void {
  const path = route.path.replace(/:(\w+)/g, "{$1}");
  const { 401: unauthorized, 404: notFound, 429: tooMany } = answers(anything, "");
  const refused = { ...notFound, description: route.detail };
  const ids = [...route.path.matchAll(/:(\w+)/g)].map(([, name = ""]) => idIn(name).shape);
  api.openAPIRegistry.registerPath({
    method: route.method.toLowerCase() as "get" | "patch" | "post" | "put",
    path,
    tags: ["Not on this server"],
    summary: route.detail,
    request: { params: z.object(Object.assign({}, ...ids) as Record<string, z.ZodString>) },
    responses: { 401: unauthorized, 404: notFound, 429: tooMany, 501: refused },
  });
}

/** @throws MemGPTError `agent_not_found` or `not_found` if the path names an agent or a folder that the caller does not have. */
async function checkNamed(c: Context<Env>): Promise<void> {
  const [agent, folder] = [c.req.param("agent_id"), c.req.param("folder_id")];
  if (agent !== undefined) await c.get("owner").agents.get(agent);
  if (folder !== undefined) c.get("owner").folders.get(folder);
}
