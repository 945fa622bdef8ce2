import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { answers, idIn, on } from "../http/api.ts";
import { pageOfAll, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import { type FileEntry, addFile, fileNamed, filesOf, removeFile } from "../house/folders.ts";
import type { FolderEntry } from "../house/folder-book.ts";
import { anything } from "./schemas.ts";

const tags = ["Folders"];
const fileShape = z
  .looseObject({ id: z.string(), source_id: z.string(), file_name: z.string(), processing_status: z.string() })
  .openapi("File");

type Place = {
  /** Path of a folder, with its parameters. */
  readonly path: string;
  readonly params: z.ZodObject;
  /** Reads the folder's id from the parameters. */
  readonly idOf: (params: Readonly<Record<string, string>>) => string;
};

/** The files of a folder. */
export function folderFileRoutes({ api }: Service, { path, params, idOf }: Place): void {
  const requestedId = (valid: unknown): string => idOf(valid as Readonly<Record<string, string>>);

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
      responses: answers(fileShape, "The file; searches find it from now on."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const folder = owner.folders.get(requestedId(c.req.valid("param")));
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
      request: { params, query: pageQuery({ limit: 50, order: "asc" }) },
      responses: answers(z.array(fileShape), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const folder = owner.folders.get(requestedId(c.req.valid("param")));
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
      const pathParams = c.req.valid("param") as Readonly<Record<string, string>>;
      const folder = owner.folders.get(idOf(pathParams));
      return fileJson(folder, await fileNamed(owner, folder, pathParams["file_id"] ?? ""));
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: `${path}/{file_id}`,
      tags,
      summary: "Deletes an uploaded file and its passages.",
      request: { params: fileParams },
      responses: answers(anything, "A confirmation."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const pathParams = c.req.valid("param") as Readonly<Record<string, string>>;
      const folder = owner.folders.get(idOf(pathParams));
      await removeFile(owner, folder, await fileNamed(owner, folder, pathParams["file_id"] ?? ""));
      return { message: "The file is deleted." };
    },
  );
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
