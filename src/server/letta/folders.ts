import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { answers, body, idIn, on } from "../http/api.ts";
import { pageOf, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import { agentsWith, createFolder, listFolders, removeFolder } from "../house/folders.ts";
import type { FolderEntry } from "../house/folder-book.ts";
import type { Models } from "../house/models.ts";
import { folderFileRoutes } from "./folder-files.ts";
import { anything } from "./schemas.ts";
import { embeddingConfig } from "./shapes.ts";

const tags = ["Folders"];
const fields = z.looseObject({
  name: z.string().min(1).max(500).nullish(),
  description: z.string().nullish(),
  instructions: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  embedding: z.string().nullish(),
});
const page = pageQuery({ limit: 50, order: "asc" });
const shape = z.looseObject({ id: z.string(), name: z.string() });

/** Folders of documents. Letta's clients of 2025 call them sources. */
export function folderRoutes(service: Service): void {
  for (const kind of ["folders", "sources"] as const) {
    const params = idIn(kind === "folders" ? "folder_id" : "source_id");
    const idOf = (path: Readonly<Record<string, string>>): string => path["folder_id"] ?? path["source_id"] ?? "";
    routesOf(service, `/v1/${kind}`, params, idOf);
  }
}

function routesOf(
  service: Service,
  root: string,
  params: z.ZodObject,
  idOf: (params: Readonly<Record<string, string>>) => string,
): void {
  const { api, models } = service;
  const path = `${root}/{${Object.keys(params.shape)[0] ?? ""}}`;
  const requestedId = (valid: unknown): string => idOf(valid as Readonly<Record<string, string>>);

  on(
    api,
    createRoute({
      method: "post",
      path: root,
      tags,
      summary: "Creates a folder for documents that agents can search.",
      request: { body: body(fields) },
      responses: answers(shape, "The folder."),
    }),
    async (c) => {
      const { name, embedding, ...rest } = c.req.valid("json");
      models.checkEmbedding(embedding, c.get("warnings"));
      return folderJson(await createFolder(c.get("owner"), { name: name ?? "folder", ...described(rest) }), models);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: root,
      tags,
      summary: "The caller's folders, including sources loaded in the terminal.",
      request: { query: page.extend({ name: z.string().optional() }) },
      responses: answers(z.array(shape), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { name, ...asked } = c.req.valid("query");
      const found = (await listFolders(owner)).filter((folder) => name === undefined || folder.name === name);
      return pageOf(found, asked, (id) => owner.folders.place(id)).map((folder) => folderJson(folder, models));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: `${root}/count`,
      tags,
      summary: "The number of the caller's folders.",
      responses: answers(z.number(), "The number."),
    }),
    async (c) => (await listFolders(c.get("owner"))).length,
  );

  on(
    api,
    createRoute({
      method: "get",
      path: `${root}/name/{name}`,
      tags,
      summary: "The id of the folder with the given name; of the oldest one if there are several.",
      request: { params: idIn("name") },
      responses: answers(z.string(), "Its id."),
    }),
    async (c) => {
      const { name } = c.req.valid("param");
      const found = (await listFolders(c.get("owner"))).find((folder) => folder.name === name);
      if (found === undefined) throw new MemGPTError("not_found", `There is no folder named ${name}.`);
      return c.json(found.id);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path,
      tags,
      summary: "A folder.",
      request: { params },
      responses: answers(shape, "The folder."),
    }),
    (c) => folderJson(c.get("owner").folders.get(requestedId(c.req.valid("param"))), models),
  );

  on(
    api,
    createRoute({
      method: "patch",
      path,
      tags,
      summary: "Changes a folder's name, description, instructions or metadata.",
      request: { params, body: body(fields) },
      responses: answers(shape, "The changed folder."),
    }),
    async (c) => {
      const { folders } = c.get("owner");
      const { id, ...known } = folders.get(requestedId(c.req.valid("param")));
      const { name, ...rest } = c.req.valid("json");
      return folderJson(await folders.put({ ...known, name: name ?? known.name, ...described(rest) }, id), models);
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path,
      tags,
      summary: "Deletes a folder with its documents and detaches it from every agent.",
      request: { params },
      responses: answers(anything, "A confirmation."),
    }),
    async (c) => {
      const owner = c.get("owner");
      await removeFolder(owner, owner.folders.get(requestedId(c.req.valid("param"))));
      return { message: "The folder is deleted." };
    },
  );

  folderFileRoutes(service, { path, params, idOf });

  on(
    api,
    createRoute({
      method: "get",
      path: `${path}/agents`,
      tags,
      summary: "Ids of the agents that have a folder.",
      request: { params },
      responses: answers(z.array(z.string()), "Their ids."),
    }),
    async (c) => {
      const owner = c.get("owner");
      return (await agentsWith(owner, owner.folders.get(requestedId(c.req.valid("param"))))).map(({ id }) => id);
    },
  );
}

function described({
  description,
  instructions,
  metadata,
}: Pick<z.output<typeof fields>, "description" | "instructions" | "metadata">): Partial<FolderEntry> {
  return {
    ...(description === undefined ? {} : { description }),
    ...(instructions === undefined ? {} : { instructions }),
    ...(metadata == null ? {} : { metadata }),
  };
}

export function folderJson(
  { id, name, description, instructions, metadata, createdAt }: FolderEntry,
  models: Models,
): Record<string, unknown> {
  const common = { id, name, description, instructions, metadata };
  return { ...common, created_at: createdAt, embedding_config: embeddingConfig(models) };
}
