import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, idIn, on } from "../http/api.ts";
import { Refusal } from "../house/refusal.ts";
import type { Service } from "../http/service.ts";
import type { Owner } from "../house/owners.ts";
import { STANDARD_AGENT, modelNames } from "./agent-named.ts";

const tags = ["OpenAI"];
const model = z.looseObject({ id: z.string(), object: z.literal("model"), created: z.number(), owned_by: z.string() });

export function openaiModelRoutes({ api }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/models",
      tags,
      summary: "The caller's agents, as models by name. With a trailing slash, it is Letta's list.",
      responses: answers(z.looseObject({ object: z.literal("list"), data: z.array(model) }), "The agents."),
    }),
    async (c) => ({ object: "list", data: await modelsOf(c.get("owner")) }),
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/models/{model}",
      tags,
      summary: "An agent, as a model.",
      request: { params: idIn("model") },
      responses: answers(model, "The agent."),
    }),
    async (c) => {
      const { model: id } = c.req.valid("param");
      const found = (await modelsOf(c.get("owner"))).find((one) => one["id"] === id);
      if (found === undefined) throw new Refusal(404, "model_not_found", `There is no agent named ${id}.`);
      return found;
    },
  );
}

async function modelsOf(owner: Owner): Promise<Record<string, unknown>[]> {
  const names = modelNames(await owner.agents.list());
  const agents = [...names].map(([id, { name, createdAt }]) => modelJson(id, name, Date.parse(createdAt)));
  // Listed before it exists: it is created on first use.
  return names.has(STANDARD_AGENT) ? agents : [...agents, modelJson(STANDARD_AGENT, STANDARD_AGENT, 0)];
}

function modelJson(id: string, name: string, created: number): Record<string, unknown> {
  return { id, object: "model", created: Math.floor(created / 1000), owned_by: "memgpt", name };
}
