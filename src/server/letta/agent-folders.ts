import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { answers, idIn, on } from "../http/api.ts";
import { pageOf, pageOfAll, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import { attachFolder, detachFolder, filesOf, foldersOf } from "../house/folders.ts";
import { folderJson } from "./folders.ts";
import { agentShape, anything } from "./schemas.ts";
import { agentJson } from "./shapes.ts";

const tags = ["Folders"];
const params = idIn("agent_id");
const page = pageQuery({ limit: 50, order: "asc" });

/** The folders that an agent searches. */
export function agentFolderRoutes({ api, models }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/folders",
      tags,
      summary: "The folders of an agent.",
      request: { params, query: page },
      responses: answers(z.array(anything), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const folders = await foldersOf(owner, await owner.agents.get(c.req.valid("param").agent_id));
      const found = pageOf(folders, c.req.valid("query"), (id) => owner.folders.place(id));
      return found.map((folder) => folderJson(folder, models));
    },
  );

  for (const kind of ["folders", "sources"] as const) {
    for (const [word, change] of [
      ["attach", attachFolder],
      ["detach", detachFolder],
    ] as const) {
      on(
        api,
        createRoute({
          method: "patch",
          path: `/v1/agents/{agent_id}/${kind}/${word}/{folder_id}`,
          tags,
          summary: word === "attach" ? "Attaches a folder to an agent." : "Detaches a folder from an agent.",
          request: { params: params.extend(idIn("folder_id").shape) },
          responses: answers(agentShape, "The agent."),
        }),
        async (c) => {
          const owner = c.get("owner");
          const { agent_id, folder_id } = c.req.valid("param");
          await change(owner, await owner.agents.get(agent_id), owner.folders.get(folder_id));
          return agentJson(owner, await owner.agents.get(agent_id), models);
        },
      );
    }
  }

  // Letta's client of 2025 lists files with PATCH.
  for (const method of ["get", "patch"] as const) {
    on(
      api,
      createRoute({
        method,
        path: "/v1/agents/{agent_id}/files",
        tags,
        summary: "The files of an agent's folders. All of them are searched; none is opened.",
        request: { params, query: pageQuery({ limit: 100, order: "asc" }) },
        responses: answers(z.looseObject({ files: z.array(anything), has_more: z.boolean() }), "A page of them."),
      }),
      async (c) => {
        const owner = c.get("owner");
        const query = c.req.valid("query");
        const folders = await foldersOf(owner, await owner.agents.get(c.req.valid("param").agent_id));
        const all = await Promise.all(
          folders.map(async (folder) => (await filesOf(owner, folder)).map((file) => ({ id: file.id, file, folder }))),
        );
        const files = all.flat();
        const found = pageOfAll(files, query);
        const last = found.at(-1)?.id;
        const isMore = last !== undefined && pageOfAll(files, { ...query, after: last }).length > 0;
        return {
          files: found.map(({ id, file, folder }) => ({
            id,
            file_id: id,
            file_name: file.name,
            folder_id: folder.id,
            folder_name: folder.name,
            is_open: false,
            last_accessed_at: null,
            visible_content: null,
          })),
          next_cursor: isMore ? last : null,
          has_more: isMore,
        };
      },
    );
  }

  for (const word of ["open", "close"] as const) {
    on(
      api,
      createRoute({
        method: "patch",
        path: `/v1/agents/{agent_id}/files/{file_id}/${word}`,
        tags,
        summary: "Does nothing: all files of an agent's folders are searched, and none is opened.",
        request: { params: params.extend(idIn("file_id").shape) },
        responses: answers(z.array(z.string()), "Names of the closed files: always empty."),
      }),
      async (c) => {
        const owner = c.get("owner");
        const { agent_id, file_id } = c.req.valid("param");
        const folders = await foldersOf(owner, await owner.agents.get(agent_id));
        const files = (await Promise.all(folders.map((folder) => filesOf(owner, folder)))).flat();
        if (!files.some(({ id }) => id === file_id)) {
          throw new MemGPTError("not_found", `The agent has no file ${file_id}.`);
        }
        return [];
      },
    );
  }

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/agents/{agent_id}/files/close-all",
      tags,
      summary: "Does nothing: no file of an agent is ever open.",
      request: { params },
      responses: answers(z.array(z.string()), "Names of the closed files: always empty."),
    }),
    async (c) => {
      await c.get("owner").agents.get(c.req.valid("param").agent_id);
      return [];
    },
  );
}
