import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { answers, body, idIn, on } from "../http/api.ts";
import { pageOf, pageOfAll, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import {
  type FileEntry,
  addFile,
  agentsWith,
  createFolder,
  fileNamed,
  filesOf,
  listFolders,
  removeFile,
  removeFolder,
} from "../house/folders.ts";
import type { FolderEntry } from "../house/folder-book.ts";
import type { Models } from "../house/models.ts";
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
const fileShape = z
  .looseObject({ id: z.string(), source_id: z.string(), file_name: z.string(), processing_status: z.string() })
  .openapi("File");

/** Folders of documents. Clients of 2025 call them sources. */
export function folderRoutes(service: Service): void {
  for (const kind of ["folders", "sources"] as const) {
    const params = idIn(kind === "folders" ? "folder_id" : "source_id");
    const idOf = (asked: Readonly<Record<string, string>>): string => asked["folder_id"] ?? asked["source_id"] ?? "";
    routesOf(service, `/v1/${kind}`, params, idOf);
  }
}

function routesOf(
  { api, models }: Service,
  root: string,
  params: z.ZodObject,
  idOf: (asked: Readonly<Record<string, string>>) => string,
): void {
  const path = `${root}/{${Object.keys(params.shape)[0] ?? ""}}`;
  const asked = (valid: unknown): string => idOf(valid as Readonly<Record<string, string>>);

  on(
    api,
    createRoute({
      method: "post",
      path: root,
      tags,
      summary: "Makes a folder, which documents are uploaded to and agents are given.",
      request: { body: body(fields) },
      responses: answers(shape, "The folder."),
    }),
    (c) => {
      const { name, embedding, ...rest } = c.req.valid("json");
      models.checkEmbedding(embedding, c.get("warnings"));
      return folderJson(createFolder(c.get("owner"), { name: name ?? "folder", ...described(rest) }), models);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: root,
      tags,
      summary: "The caller's folders, and the sources that were loaded in the terminal.",
      request: { query: page.extend({ name: z.string().optional() }) },
      responses: answers(z.array(shape), "A page of them."),
    }),
    (c) => {
      const owner = c.get("owner");
      const { name, ...wanted } = c.req.valid("query");
      const found = listFolders(owner).filter((folder) => name === undefined || folder.name === name);
      return pageOf(found, wanted, (id) => owner.folders.place(id)).map((folder) => folderJson(folder, models));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: `${root}/count`,
      tags,
      summary: "How many folders the caller has.",
      responses: answers(z.number(), "Their number."),
    }),
    (c) => listFolders(c.get("owner")).length,
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
    (c) => folderJson(c.get("owner").folders.get(asked(c.req.valid("param"))), models),
  );

  on(
    api,
    createRoute({
      method: "patch",
      path,
      tags,
      summary: "Changes what a folder is called and said to be.",
      request: { params, body: body(fields) },
      responses: answers(shape, "The folder as it is now."),
    }),
    (c) => {
      const { folders } = c.get("owner");
      const { id, ...known } = folders.get(asked(c.req.valid("param")));
      const { name, ...rest } = c.req.valid("json");
      return folderJson(folders.put({ ...known, name: name ?? known.name, ...described(rest) }, id), models);
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path,
      tags,
      summary: "Removes a folder with its documents, from every agent that has it.",
      request: { params },
      responses: answers(anything, "It is gone."),
    }),
    async (c) => {
      const owner = c.get("owner");
      await removeFolder(owner, owner.folders.get(asked(c.req.valid("param"))));
      return { message: "The folder is deleted." };
    },
  );

  const form = z.object({ file: z.unknown().openapi({ type: "string", format: "binary" }) });
  on(
    api,
    createRoute({
      method: "post",
      path: `${path}/upload`,
      tags,
      summary: "Loads a document into a folder: text, Markdown, HTML, PDF, DOCX, EPUB, CSV, JSON or source code.",
      request: {
        params,
        query: z.object({
          duplicate_handling: z.enum(["suffix", "skip", "error", "replace"]).default("suffix"),
          name: z.string().max(300).optional(),
        }),
        body: { required: true, content: { "multipart/form-data": { schema: form } } },
      },
      responses: answers(fileShape, "The file, ready to be searched."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const folder = owner.folders.get(asked(c.req.valid("param")));
      const { duplicate_handling, name } = c.req.valid("query");
      const { file } = c.req.valid("form");
      if (!(file instanceof File)) throw new MemGPTError("invalid_input", "The form has no file. Nothing was loaded.");
      const upload = { name: name ?? file.name, content: new Uint8Array(await file.arrayBuffer()) };
      return fileJson(folder, await addFile(owner, folder, upload, duplicate_handling));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: `${path}/files`,
      tags,
      summary: "The files of a folder.",
      request: { params, query: page },
      responses: answers(z.array(fileShape), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const folder = owner.folders.get(asked(c.req.valid("param")));
      return pageOfAll(await filesOf(owner, folder), c.req.valid("query")).map((file) => fileJson(folder, file));
    },
  );

  const fileParams = params.extend(idIn("file_id").shape);
  on(
    api,
    createRoute({
      method: "get",
      path: `${path}/files/{file_id}`,
      tags,
      summary: "A file of a folder.",
      request: { params: fileParams },
      responses: answers(fileShape, "The file."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const given = c.req.valid("param") as Readonly<Record<string, string>>;
      const folder = owner.folders.get(idOf(given));
      return fileJson(folder, await fileNamed(owner, folder, given["file_id"] ?? ""));
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: `${path}/{file_id}`,
      tags,
      summary: "Removes a file that was uploaded, and its passages.",
      request: { params: fileParams },
      responses: answers(anything, "It is gone."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const given = c.req.valid("param") as Readonly<Record<string, string>>;
      const folder = owner.folders.get(idOf(given));
      await removeFile(owner, folder, await fileNamed(owner, folder, given["file_id"] ?? ""));
      return { message: "The file is deleted." };
    },
  );

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
      return (await agentsWith(owner, owner.folders.get(asked(c.req.valid("param"))))).map(({ id }) => id);
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

function fileJson({ id: folder }: FolderEntry, file: FileEntry): Record<string, unknown> {
  return {
    id: file.id,
    source_id: folder,
    file_name: file.name,
    original_file_name: file.name,
    file_type: file.kind,
    file_size: file.bytes,
    processing_status: file.isComplete ? "completed" : "embedding",
    error_message: null,
    total_chunks: file.passages,
    chunks_embedded: file.passages,
    created_at: file.loadedAt,
    content: null,
  };
}
