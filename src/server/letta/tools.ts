import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, idIn, on, several } from "../http/api.ts";
import { pageOf, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { ToolEntry, ToolRecord } from "../house/tools.ts";
import { anything, toolShape } from "./schemas.ts";
import { toolJson } from "./shapes.ts";

const tags = ["Tools"];
const params = idIn("tool_id");

const toolFields = z
  .looseObject({
    source_code: z.string().nullish(),
    source_type: z.string().nullish(),
    json_schema: z.record(z.string(), z.unknown()).nullish(),
    description: z.string().nullish(),
    tags: z.array(z.string()).nullish(),
    return_char_limit: z.number().int().positive().nullish(),
    default_requires_approval: z.boolean().nullish(),
    name: z.string().nullish(),
  })
  .openapi("ToolFields");

/** Letta's TypeScript examples send fields in camelCase. */
const toolBody = z.preprocess(snakeCased, toolFields).openapi({ type: "object" });

function snakeCased(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [snake(name), field as unknown]));
}

/** A function's schema, without OpenAI's wrapper `{type: "function", function}` if it has one. */
function bareSchema(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const inner = schema["type"] === "function" ? schema["function"] : undefined;
  return typeof inner === "object" && inner !== null ? { ...inner } : schema;
}

function recordOf(request: z.output<typeof toolFields>): Partial<ToolRecord> {
  const {
    source_code,
    source_type,
    json_schema,
    description,
    tags: its,
    return_char_limit,
    default_requires_approval,
    name,
  } = request;
  return {
    ...(name == null ? {} : { name }),
    ...(source_code == null ? {} : { sourceCode: source_code }),
    ...(source_type == null ? {} : { sourceType: source_type }),
    ...(json_schema == null ? {} : { jsonSchema: bareSchema(json_schema) }),
    ...(description == null ? {} : { description }),
    ...(its == null ? {} : { tags: its }),
    ...(return_char_limit == null ? {} : { returnCharLimit: return_char_limit }),
    ...(default_requires_approval == null ? {} : { requiresApproval: default_requires_approval }),
  };
}

export const KEPT = "The server stores tools but never runs their source.";

export function toolRoutes({ api }: Service): void {
  for (const [method, word] of [
    ["post", "create"],
    ["put", "upsert"],
  ] as const) {
    on(
      api,
      createRoute({
        method,
        path: "/v1/tools",
        tags,
        summary: `${word === "create" ? "Creates a tool." : "Creates a tool, or replaces one with the same name."} ${KEPT}`,
        request: { body: body(toolBody) },
        responses: answers(toolShape, "The tool."),
      }),
      async (c) => toolJson(await c.get("owner").tools[word](recordOf(c.req.valid("json")))),
    );
  }

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/tools",
      tags,
      summary: "The caller's tools and the built-in ones.",
      request: {
        query: pageQuery({ limit: 50, order: "desc" }).extend({
          name: z.string().optional(),
          names: several.optional(),
          search: z.string().optional(),
          tool_types: several.optional(),
        }),
      },
      responses: answers(z.array(toolShape), "A page of them."),
    }),
    async (c) => {
      const { name, names, search, tool_types, ...page } = c.req.valid("query");
      const { tools } = c.get("owner");
      const all = await tools.all();
      const found = all.filter(
        (tool) =>
          (name === undefined || tool.name === name) &&
          (names === undefined || names.includes(tool.name)) &&
          (search === undefined || tool.name.toLowerCase().includes(search.toLowerCase())) &&
          (tool_types === undefined || tool_types.includes(tool.isBuiltIn ? "letta_core" : "custom")),
      );
      return pageOfTools(found, all, page).map(toolJson);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/tools/count",
      tags,
      summary: "The number of tools that the caller can use.",
      responses: answers(z.number(), "The number."),
    }),
    async (c) => (await c.get("owner").tools.all()).length,
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/tools/add-base-tools",
      tags,
      summary: "Returns the built-in tools, which always exist.",
      responses: answers(z.array(toolShape), "The tools."),
    }),
    async (c) => (await c.get("owner").tools.all()).filter(({ isBuiltIn }) => isBuiltIn).map(toolJson),
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/tools/search",
      tags,
      summary: "Searches the names and descriptions of tools.",
      request: {
        body: body(
          z.looseObject({
            query: z.string().max(1000).nullish(),
            tool_types: z.array(z.string()).nullish(),
            tags: z.array(z.string()).nullish(),
            limit: z.number().int().min(1).max(100).nullish(),
          }),
        ),
      },
      responses: answers(z.array(anything), "Tools; those that match the most words of the query come first."),
    }),
    async (c) => {
      const { query, tags: queryTags, limit } = c.req.valid("json");
      const words = (query ?? "")
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u)
        .filter((word) => word !== "");
      const scored = (await c.get("owner").tools.all()).map((tool) => {
        const text = `${tool.name} ${tool.description ?? ""}`.toLowerCase();
        return { tool, score: words.filter((word) => text.includes(word)).length };
      });
      const found = scored.filter(
        ({ tool, score }) =>
          (words.length === 0 || score > 0) && (queryTags == null || queryTags.some((tag) => tool.tags.includes(tag))),
      );
      const best = found.sort((a, b) => b.score - a.score).slice(0, limit ?? 50);
      return best.map(({ tool, score }) => ({ tool: toolJson(tool), combined_score: score, embedded_text: null }));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/tools/{tool_id}",
      tags,
      summary: "A tool.",
      request: { params },
      responses: answers(toolShape, "The tool."),
    }),
    async (c) => toolJson(await c.get("owner").tools.get(c.req.valid("param").tool_id)),
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/tools/{tool_id}",
      tags,
      summary: "Changes one of the caller's own tools.",
      request: { params, body: body(toolBody) },
      responses: answers(toolShape, "The changed tool."),
    }),
    async (c) => {
      const { tool_id } = c.req.valid("param");
      return toolJson(await c.get("owner").tools.update(tool_id, recordOf(c.req.valid("json"))));
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: "/v1/tools/{tool_id}",
      tags,
      summary: "Deletes one of the caller's own tools.",
      request: { params },
      responses: answers(anything, "A confirmation."),
    }),
    async (c) => {
      const { tool_id } = c.req.valid("param");
      await c.get("owner").tools.remove(tool_id);
      return { message: `Tool ${tool_id} is deleted.` };
    },
  );
}

/** A page of tools. Built-in ones count as the oldest. */
export function pageOfTools(
  found: readonly ToolEntry[],
  all: readonly ToolEntry[],
  page: Parameters<typeof pageOf>[1],
): ToolEntry[] {
  const places = new Map(all.map(({ id, isBuiltIn }, index) => [id, isBuiltIn ? index - all.length : index]));
  return pageOf(found, page, (id) => places.get(id));
}
