import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, idIn, on } from "../http/api.ts";
import type { Service } from "../http/service.ts";
import { partsOf } from "./parts.ts";
import { anything } from "./schemas.ts";

const tags = ["Context"];
const params = idIn("agent_id");

/** How an agent's context window is used. */
export function contextRoutes({ api }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/context",
      tags,
      summary: "How an agent's context window is used, by section, in tokens.",
      request: { params },
      responses: answers(anything, "The data behind the context bar of Letta's development environment."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const schemas = new Map((await owner.memgpt.listFunctions()).map((schema) => [schema.name, schema]));
      return owner.use(entry, async (agent) => {
        const { window, used, sections } = agent.context();
        const { system, blocks, queue, functions } = agent.state;
        const [head] = queue;
        const summary = head?.role === "user" && head.event === "summary" ? head.content : null;
        const [recall, archival] = [await agent.recall.size(), await agent.archival.size()];
        const external = `${recall} messages in recall storage, ${archival} passages in archival storage.`;
        return {
          context_window_size_max: window,
          context_window_size_current: used,
          num_messages: queue.length,
          num_archival_memory: archival,
          num_recall_memory: recall,
          num_tokens_system: sections.system,
          system_prompt: system,
          num_tokens_core_memory: sections.core_memory,
          core_memory: blocks.map(({ label, value }) => `<${label}>\n${value}\n</${label}>`).join("\n"),
          num_tokens_external_memory_summary: 0,
          external_memory_summary: external,
          num_tokens_summary_memory: sections.summary,
          summary_memory: summary,
          num_tokens_functions_definitions: sections.functions,
          functions_definitions: functions.flatMap((name) => {
            const schema = schemas.get(name);
            return schema === undefined ? [] : [{ type: "function", function: schema }];
          }),
          num_tokens_messages: sections.queue,
          messages: queue.flatMap((message) => partsOf(message, { useAssistantMessage: true })),
        };
      });
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/recompile",
      tags,
      summary: "Returns the system prompt. It needs no recompiling: it is always built from current memory.",
      request: { params, body: body(z.looseObject({}), false) },
      responses: answers(z.string(), "The prompt."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      return (await owner.read(entry, (store) => store.load()))?.system ?? "";
    },
  );
}
