import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, flag, idIn, on, several } from "../http/api.ts";
import type { Service } from "../http/service.ts";
import { archiveOf } from "../house/agents.ts";
import { bareId } from "../house/ids.ts";
import { listPassages, searchPassages, storeWith } from "../house/passage-search.ts";
import { addPassages, replacePassage } from "../house/passages.ts";
import { anything, passageShape } from "./schemas.ts";
import { passageJson } from "./shapes.ts";

const tags = ["Archival memory"];
const params = idIn("agent_id");
const path = "/v1/agents/{agent_id}/archival-memory";

export const newPassage = z
  .looseObject({
    text: z.string().min(1),
    tags: z.array(z.string()).nullish(),
    metadata: z.record(z.string(), z.unknown()).nullish(),
    created_at: z.string().nullish(),
  })
  .openapi("CreatePassage");

export function passageRoutes({ api }: Service): void {
  on(
    api,
    createRoute({
      method: "post",
      path,
      tags,
      summary: "Adds a text to archival memory; a long one is split.",
      request: { params, body: body(newPassage) },
      responses: answers(z.array(passageShape), "The passages: several if the text was split."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const passages = await addPassages(owner, entry, [c.req.valid("json")]);
      return passages.map((passage) => passageJson(passage, archiveOf(entry.id), owner.passageNotes.of(passage.id)));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path,
      tags,
      summary: "An agent's passages and then those of its archives, oldest first.",
      request: {
        params,
        query: z.object({
          limit: z.coerce.number().int().min(1).max(1000).default(100),
          after: z.string().max(300).optional(),
          before: z.string().max(300).optional(),
          search: z.string().max(1000).optional(),
          ascending: flag.optional(),
        }),
      },
      responses: answers(z.array(passageShape), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const { limit, after, before, search, ascending = true } = c.req.valid("query");
      const cursor = (id: string | undefined): string | undefined =>
        id === undefined ? undefined : (bareId("passage", id) ?? id);
      const request = { count: limit, newestFirst: !ascending, after: cursor(after), before: cursor(before) };
      const found = await listPassages(owner, entry, { ...request, search });
      return found.map((passage) => passageJson(passage, passage.archiveId, owner.passageNotes.of(passage.id)));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: `${path}/search`,
      tags,
      summary: "Searches archival memory as the agent does: with its archives and folders.",
      request: {
        params,
        query: z.object({
          query: z.string().max(10_000),
          tags: several.optional(),
          tag_match_mode: z.enum(["any", "all"]).default("any"),
          top_k: z.coerce.number().int().min(1).max(1000).default(10),
          start_datetime: z.string().optional(),
          end_datetime: z.string().optional(),
        }),
      },
      responses: answers(z.looseObject({ results: z.array(anything), count: z.number() }), "The results, best first."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const {
        query,
        tags: queryTags = [],
        tag_match_mode: mode,
        top_k: count,
        start_datetime: from,
        end_datetime: to,
      } = c.req.valid("query");
      const asked = { query, tags: queryTags, mode, count, from, to };
      const found = await searchPassages(owner, { agentId: entry.id }, asked);
      const results = found.map(({ id, createdAt, text, score, source }) => ({
        id: `passage-${id}`,
        timestamp: createdAt,
        content: text,
        tags: owner.passageNotes.of(id).tags,
        source,
        relevance: { rrf_score: score },
      }));
      return { results, count: results.length };
    },
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: `${path}/{memory_id}`,
      tags,
      summary: "Replaces a passage's text; one undo restores the old one.",
      request: {
        params: params.extend(idIn("memory_id").shape),
        body: body(z.looseObject({ text: z.string().min(1) })),
      },
      responses: answers(z.array(passageShape), "The passages: several if the text was split."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { agent_id, memory_id } = c.req.valid("param");
      const { entry, archiveId } = await storeWith(owner, await owner.agents.get(agent_id), memory_id);
      const passages = await replacePassage(owner, entry, memory_id, c.req.valid("json").text);
      return passages.map((passage) => passageJson(passage, archiveId, owner.passageNotes.of(passage.id)));
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: `${path}/{memory_id}`,
      tags,
      summary: "Deletes a passage.",
      request: { params: params.extend(idIn("memory_id").shape) },
      responses: answers(anything, "A confirmation."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { agent_id, memory_id } = c.req.valid("param");
      const { entry } = await storeWith(owner, await owner.agents.get(agent_id), memory_id);
      const id = bareId("passage", memory_id) ?? memory_id;
      await owner.use(entry, (agent) => agent.removePassages([id]));
      return { message: "Memory deleted." };
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/passages/search",
      tags,
      summary: "Searches the passages of an agent, of an archive, or of all agents.",
      request: {
        body: body(
          z.looseObject({
            query: z.string().max(10_000).nullish(),
            agent_id: z.string().nullish(),
            archive_id: z.string().nullish(),
            tags: z.array(z.string()).nullish(),
            tag_match_mode: z.enum(["any", "all"]).nullish(),
            limit: z.number().int().min(1).max(1000).nullish(),
            start_date: z.string().nullish(),
            end_date: z.string().nullish(),
          }),
        ),
      },
      responses: answers(z.array(anything), "Passages with their scores, best first."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const request = c.req.valid("json");
      const where = {
        agentId: request.agent_id ?? undefined,
        archiveId: request.archive_id ?? undefined,
      };
      const count = request.limit ?? 50;
      const found = await searchPassages(owner, where, {
        query: request.query ?? "",
        tags: request.tags ?? [],
        mode: request.tag_match_mode ?? "any",
        count,
        from: request.start_date ?? undefined,
        to: request.end_date ?? undefined,
      });
      return found.map(({ score, signals, archiveId, source, ...passage }) => {
        const folder = archiveId === null ? owner.folders.all().find((one) => one.source === source) : undefined;
        const shown = passageJson(passage, archiveId, owner.passageNotes.of(passage.id));
        return { passage: { ...shown, source_id: folder?.id ?? null }, score, metadata: signals };
      });
    },
  );
}
