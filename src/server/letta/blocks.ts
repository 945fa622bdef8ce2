import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { type BlockEntry, MemGPTError } from "../../index.ts";
import { answers, body, idIn, on, several } from "../http/api.ts";
import { pageOf, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import {
  type BlockChanges,
  attachBlock,
  changeBlock,
  detachBlock,
  freshBlocks,
  hasBlock,
} from "../house/shared-blocks.ts";
import { blockFields, blockOf } from "./agent-requests.ts";
import { agentShape, anything, blockShape } from "./schemas.ts";
import { agentJson, blockJson } from "./shapes.ts";

const tags = ["Blocks"];
const params = idIn("block_id");
const blockPage = pageQuery({ limit: 50, order: "asc" });
const query = blockPage.extend({
  label: z.string().optional(),
  name: z.string().optional(),
  tags: several.optional(),
  label_search: z.string().optional(),
  value_search: z.string().optional(),
  identity_id: z.string().optional(),
});

export const blockUpdate = blockFields
  .extend({ label: z.string().optional(), value: z.string().optional() })
  .openapi("BlockUpdate");

/** The changes in a request. */
export function changesOf(update: z.output<typeof blockUpdate>): BlockChanges {
  const { label, value, limit, description, read_only, metadata, tags: its } = update;
  return {
    ...(label === undefined ? {} : { label }),
    ...(value === undefined ? {} : { value }),
    ...(limit == null ? {} : { limit }),
    ...(description === undefined ? {} : { description }),
    ...(read_only == null ? {} : { readOnly: read_only }),
    ...(metadata == null ? {} : { metadata }),
    ...(its == null ? {} : { tags: its }),
  };
}

export function blockRoutes({ api, models }: Service): void {
  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/blocks",
      tags,
      summary: "Creates a block that can be attached to agents: all of them see an edit by one.",
      request: { body: body(blockFields.openapi("CreateBlock")) },
      responses: answers(blockShape, "The block."),
    }),
    async (c) => {
      const request = c.req.valid("json");
      const owner = c.get("owner");
      const screened = await owner.memgpt.blocks.withoutSecrets(blockOf(request));
      const { description = null, readOnly = false, private: isPrivate = false, ...block } = screened;
      if (block.value.length > block.limit) {
        throw new MemGPTError(
          "invalid_input",
          `${block.label} holds at most ${block.limit} characters (got ${block.value.length}). Nothing was created.`,
        );
      }
      const notes = { metadata: request.metadata ?? {}, tags: request.tags ?? [] };
      const flags = { readOnly, private: isPrivate };
      return blockJson(await owner.blocks.create({ ...block, description, ...flags, ...notes }));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/blocks",
      tags,
      summary: "The caller's blocks, including those of agents.",
      request: { query },
      responses: answers(z.array(blockShape), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const query = c.req.valid("query");
      const found = owner.blocks.all().filter(matches(query));
      const page = pageOf(found, query, (id) => owner.blocks.place(id));
      return (await freshBlocks(owner, page)).map(blockJson);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/blocks/count",
      tags,
      summary: "The number of the caller's blocks.",
      responses: answers(z.number(), "The number."),
    }),
    (c) => c.get("owner").blocks.all().length,
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/blocks/{block_id}",
      tags,
      summary: "A block.",
      request: { params },
      responses: answers(blockShape, "The block."),
    }),
    async (c) => {
      const owner = c.get("owner");
      return (await freshBlocks(owner, [owner.blocks.get(c.req.valid("param").block_id)])).map(blockJson)[0];
    },
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/blocks/{block_id}",
      tags,
      summary: "Changes a block in every agent that has it, even a read-only one: only agents cannot edit that.",
      request: { params, body: body(blockUpdate) },
      responses: answers(blockShape, "The changed block."),
    }),
    async (c) => {
      const { block_id } = c.req.valid("param");
      return blockJson(await changeBlock(c.get("owner"), block_id, changesOf(c.req.valid("json"))));
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: "/v1/blocks/{block_id}",
      tags,
      summary: "Deletes a block. Every agent that has it drops it before it next acts.",
      request: { params },
      responses: answers(anything, "A confirmation."),
    }),
    async (c) => {
      const id = c.req.valid("param").block_id;
      await c.get("owner").memgpt.blocks.delete(id);
      return { message: `Block ${id} is deleted.` };
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/blocks/{block_id}/agents",
      tags,
      summary: "The agents that have a block.",
      request: { params, query: blockPage },
      responses: answers(z.array(agentShape), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const block = owner.blocks.get(c.req.valid("param").block_id);
      const agents = (await owner.agents.list()).filter((agent) => hasBlock(block, agent));
      const page = pageOf(agents, c.req.valid("query"), (id) => owner.agents.place(id));
      return Promise.all(page.map((entry) => agentJson(owner, entry, models)));
    },
  );

  for (const [word, change] of [
    ["attach", attachBlock],
    ["detach", detachBlock],
  ] as const) {
    on(
      api,
      createRoute({
        method: "patch",
        path: `/v1/agents/{agent_id}/core-memory/blocks/${word}/{block_id}`,
        tags,
        summary:
          word === "attach" ? "Attaches a block to an agent." : "Detaches a block from an agent; the block stays.",
        request: { params: idIn("agent_id").extend(params.shape) },
        responses: answers(agentShape, "The agent."),
      }),
      async (c) => {
        const owner = c.get("owner");
        const { agent_id, block_id } = c.req.valid("param");
        const entry = await owner.agents.get(agent_id);
        await change(owner, entry, block_id);
        return agentJson(owner, entry, models);
      },
    );
  }
}

function matches(asked: z.output<typeof query>): (entry: BlockEntry) => boolean {
  const { label, tags: queryTags = [], label_search, value_search } = asked;
  const has = (text: string, part: string | undefined): boolean =>
    part === undefined || text.toLowerCase().includes(part.toLowerCase());
  return (entry) =>
    (label === undefined || entry.label === label) &&
    queryTags.every((tag) => entry.tags.includes(tag)) &&
    has(entry.label, label_search) &&
    has(entry.value, value_search);
}
