import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, on } from "../http/api.ts";
import type { Service } from "../http/service.ts";
import { anything } from "./schemas.ts";

/** The version of Letta's server whose API this implements. */
const VERSION = "0.16.8";

export function healthRoutes({ api, models }: Service): void {
  const health = z.object({ version: z.string(), status: z.string() });
  const tags = ["Health and models"];
  for (const path of ["/v1/health", "/v1/ready"]) {
    const summary = "Whether the server is up.";
    on(api, createRoute({ method: "get", path, tags, summary, responses: answers(health, summary) }), () => ({
      version: VERSION,
      status: "ok",
    }));
  }

  const list = "The models that agents can use, for Letta's clients. Note the trailing slash.";
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/models/",
      tags,
      summary: list,
      responses: answers(z.array(anything), list),
    }),
    async () =>
      (await models.all()).map(({ handle, name, provider, endpoint, contextWindow }) => ({
        handle,
        name,
        model: name,
        display_name: name,
        provider_type: provider,
        provider_name: provider,
        provider_category: "base",
        model_endpoint_type: "openai",
        model_endpoint: endpoint,
        context_window: contextWindow,
        max_context_window: contextWindow,
        model_type: "llm",
      })),
  );

  const embeddings = "The embedding models.";
  // Letta's clients of 2025 use both names.
  for (const word of ["embedding", "embeddings"] as const) {
    on(
      api,
      createRoute({
        method: "get",
        path: `/v1/models/${word}`,
        tags,
        summary: embeddings,
        responses: answers(z.array(anything), embeddings),
      }),
      () =>
        models.embeddings().map(({ handle, name, provider, endpoint, dimensions }) => ({
          handle,
          name,
          display_name: name,
          embedding_model: name,
          embedding_dim: dimensions,
          embedding_endpoint_type: "openai",
          embedding_endpoint: endpoint,
          provider_type: provider,
          provider_name: provider,
          model_type: "embedding",
        })),
    );
  }
}
