import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, idIn, on } from "../http/api.ts";
import { pageOf, pageOfAll, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { ArchiveEntry } from "../house/archive-book.ts";
import {
  archiveNamed,
  archivesOf,
  attachArchive,
  createArchive,
  detachArchive,
  removeArchive,
  storeOf,
} from "../house/archives.ts";
import { DEFAULT_ORGANIZATION, bareId } from "../house/ids.ts";
import type { Models } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";
import { addPassages } from "../house/passages.ts";
import { newPassage } from "./passages.ts";
import { agentShape, anything, archiveShape, passageShape } from "./schemas.ts";
import { agentJson, embeddingConfig, passageJson } from "./shapes.ts";

const tags = ["Archives"];
const params = idIn("archive_id");
const names = z.looseObject({ name: z.string().min(1).nullish(), description: z.string().nullish() });
const pages = pageQuery({ limit: 50, order: "desc" });

export function archiveRoutes({ api, models }: Service): void {
  const json = (archive: ArchiveEntry): Record<string, unknown> => archiveJson(archive, models);

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/archives",
      tags,
      summary: "Creates an archive: a store of passages that can be attached to several agents.",
      request: { body: body(names.openapi("ArchiveFields")) },
      responses: answers(archiveShape, "The archive."),
    }),
    async (c) => {
      const { name, description } = c.req.valid("json");
      return json(await createArchive(c.get("owner"), { name: name ?? "archive", description: description ?? null }));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/archives",
      tags,
      summary: "The caller's archives, newest first.",
      request: { query: pages.extend({ name: z.string().optional(), agent_id: z.string().optional() }) },
      responses: answers(z.array(archiveShape), "A page of them."),
    }),
    async (c) => {
      const { archives, agents } = c.get("owner");
      const { name, agent_id, ...asked } = c.req.valid("query");
      const attached =
        agent_id === undefined ? undefined : await archivesOf(c.get("owner"), await agents.get(agent_id));
      const all = attached?.map(({ archive }) => archive) ?? archives.all();
      const found = all.filter((one) => name === undefined || one.name === name);
      const page = attached === undefined ? pageOf(found, asked, (id) => archives.place(id)) : pageOfAll(found, asked);
      return page.map(json);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/archives/{archive_id}",
      tags,
      summary: "An archive.",
      request: { params },
      responses: answers(archiveShape, "The archive."),
    }),
    (c) => json(archiveNamed(c.get("owner"), c.req.valid("param").archive_id)),
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/archives/{archive_id}",
      tags,
      summary: "Changes an archive's name or description.",
      request: { params, body: body(names) },
      responses: answers(archiveShape, "The changed archive."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { id, ...known } = archiveNamed(owner, c.req.valid("param").archive_id);
      const { name, description } = c.req.valid("json");
      const changed = {
        name: name ?? known.name,
        description: description === undefined ? known.description : description,
      };
      return json(await owner.archives.put({ ...known, ...changed }, id));
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: "/v1/archives/{archive_id}",
      tags,
      summary: "Deletes an archive and its passages for good.",
      request: { params },
      responses: answers(anything, "It is gone."),
    }),
    async (c) => {
      await removeArchive(c.get("owner"), c.req.valid("param").archive_id);
      return { message: "The archive is deleted." };
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/archives/{archive_id}/passages",
      tags,
      summary: "Adds a text to an archive; a long one is split.",
      request: { params, body: body(newPassage) },
      responses: answers(passageShape, "The passage; the first one if the text was split."),
    }),
    async (c) => {
      const stored = await keep(c.get("owner"), c.req.valid("param").archive_id, [c.req.valid("json")]);
      return stored[0];
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/archives/{archive_id}/passages/batch",
      tags,
      summary: "Adds texts to an archive: all of them or none.",
      request: { params, body: body(z.looseObject({ passages: z.array(newPassage).max(10_000) })) },
      responses: answers(z.array(passageShape), "The passages."),
    }),
    async (c) => keep(c.get("owner"), c.req.valid("param").archive_id, c.req.valid("json").passages),
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: "/v1/archives/{archive_id}/passages/{passage_id}",
      tags,
      summary: "Removes a passage from an archive.",
      request: { params: params.extend(idIn("passage_id").shape) },
      responses: answers(anything, "It is gone."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { archive_id, passage_id } = c.req.valid("param");
      const id = bareId("passage", passage_id) ?? passage_id;
      await owner.use(await storeOf(owner, archive_id), (store) => store.removePassages([id]));
      return { message: "The passage is deleted." };
    },
  );

  for (const [word, change] of [
    ["attach", attachArchive],
    ["detach", detachArchive],
  ] as const) {
    on(
      api,
      createRoute({
        method: "patch",
        path: `/v1/agents/{agent_id}/archives/${word}/{archive_id}`,
        tags,
        summary:
          word === "attach"
            ? "Attaches an archive to an agent, which then searches it; one undo detaches it."
            : "Detaches an archive from an agent; one undo attaches it.",
        request: { params: idIn("agent_id").extend(params.shape) },
        responses: answers(agentShape, "The agent."),
      }),
      async (c) => {
        const owner = c.get("owner");
        const { agent_id, archive_id } = c.req.valid("param");
        const entry = await owner.agents.get(agent_id);
        await change(owner, entry, archiveNamed(owner, archive_id));
        return agentJson(owner, entry, models);
      },
    );
  }
}

async function keep(
  owner: Owner,
  archiveId: string,
  texts: Parameters<typeof addPassages>[2],
): Promise<Record<string, unknown>[]> {
  const passages = await addPassages(owner, await storeOf(owner, archiveId), texts);
  return passages.map((passage) => passageJson(passage, archiveId, owner.passageNotes.of(passage.id)));
}

function archiveJson(
  { id, name, description, createdAt, metadata }: ArchiveEntry,
  models: Models,
): Record<string, unknown> {
  return {
    id,
    name,
    description,
    created_at: createdAt,
    metadata,
    vector_db_provider: "native",
    embedding: models.embeddings()[0]?.handle ?? null,
    embedding_config: embeddingConfig(models),
    organization_id: DEFAULT_ORGANIZATION,
  };
}
