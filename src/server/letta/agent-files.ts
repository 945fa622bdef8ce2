import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, flag, idIn, on } from "../http/api.ts";
import type { Service } from "../http/service.ts";
import { agentFileOf, importAgents } from "./agent-file.ts";
import { anything } from "./schemas.ts";

const tags = ["Agents"];

/** A header of the clients of 2025, which expect an agent file as a string and fail on anything else. */
const CLIENT_OF_2025 = "x-fern-language";

export function agentFileRoutes({ api, models }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/export",
      tags,
      summary:
        "An agent as an agent file (.af): prompt, blocks, tools, messages, and archival memory in an extra field.",
      request: { params: idIn("agent_id"), query: z.object({ scrub_messages: flag.optional() }) },
      responses: answers(anything, "The file."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const { scrub_messages = false } = c.req.valid("query");
      const file = await agentFileOf(owner, entry, models, scrub_messages);
      const chunks = c.req.header(CLIENT_OF_2025) === undefined ? file : asJsonString(file);
      const body = ReadableStream.from(chunks).pipeThrough(new TextEncoderStream());
      return c.body(body, 200, { "content-type": "application/json" });
    },
  );

  const form = z.object({
    file: z.unknown().openapi({ type: "string", format: "binary" }),
    name: z.string().optional(),
    override_name: z.string().optional(),
    append_copy_suffix: flag.optional(),
    strip_messages: flag.optional(),
  });
  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/import",
      tags,
      summary: "Creates the agents of an agent file. Text that reads like instructions to an agent is held back.",
      request: { body: { required: true, content: { "multipart/form-data": { schema: form } } } },
      responses: answers(z.looseObject({ agent_ids: z.array(z.string()) }), "Their ids."),
    }),
    async (c) => {
      const { file, name, override_name, append_copy_suffix = true, strip_messages = false } = c.req.valid("form");
      const text = file instanceof Blob ? await file.text() : String(file);
      const options = {
        name: name ?? override_name,
        suffix: append_copy_suffix ? "_copy" : "",
        isStripped: strip_messages,
      };
      return { agent_ids: await importAgents(c.get("owner"), models, text, options, c.get("warnings")) };
    },
  );
}

/** The text as a string of JSON. Half a character at the end of a chunk is escaped, and whole again once parsed. */
async function* asJsonString(chunks: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  yield '"';
  for await (const chunk of chunks) yield JSON.stringify(chunk).slice(1, -1);
  yield '"';
}
