import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { type BlockEntry, MemGPTError } from "../../index.ts";
import { answers, body, idIn, on } from "../http/api.ts";
import { pageOf, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import { changeBlock } from "../house/shared-blocks.ts";
import { blockUpdate, changesOf } from "./blocks.ts";
import { blockShape } from "./schemas.ts";
import { blockJson } from "./shapes.ts";

const tags = ["Core memory"];
const params = idIn("agent_id");
const path = "/v1/agents/{agent_id}/core-memory";

export function coreMemoryRoutes({ api }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path,
      tags,
      summary: "An agent's core memory.",
      request: { params },
      responses: answers(z.looseObject({ blocks: z.array(blockShape) }), "Its blocks."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      return { blocks: (await blocksOf(owner, entry)).map(blockJson), file_blocks: [], prompt_template: "" };
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: `${path}/blocks`,
      tags,
      summary: "An agent's blocks.",
      request: { params, query: pageQuery({ limit: 100, order: "asc" }) },
      responses: answers(z.array(blockShape), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const blocks = await blocksOf(owner, entry);
      const places = new Map(blocks.map(({ id }, index) => [id, index]));
      return pageOf(blocks, c.req.valid("query"), (id) => places.get(id) ?? owner.blocks.place(id)).map(blockJson);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: `${path}/blocks/{block_label}`,
      tags,
      summary: "An agent's block with the given label.",
      request: { params: params.extend(idIn("block_label").shape) },
      responses: answers(blockShape, "The block."),
    }),
    async (c) => {
      const { agent_id, block_label } = c.req.valid("param");
      const owner = c.get("owner");
      return blockJson(await labelled(owner, await owner.agents.get(agent_id), block_label));
    },
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: `${path}/blocks/{block_label}`,
      tags,
      summary: "Changes an agent's block with the given label, in every agent that shares it.",
      request: { params: params.extend(idIn("block_label").shape), body: body(blockUpdate) },
      responses: answers(blockShape, "The changed block."),
    }),
    async (c) => {
      const { agent_id, block_label } = c.req.valid("param");
      const owner = c.get("owner");
      const { id } = await labelled(owner, await owner.agents.get(agent_id), block_label);
      return blockJson(await changeBlock(owner, id, changesOf(c.req.valid("json"))));
    },
  );
}

async function labelled(owner: Owner, entry: AgentEntry, label: string): Promise<BlockEntry> {
  const blocks = await blocksOf(owner, entry);
  const block = blocks.find((candidate) => candidate.label === label);
  if (block !== undefined) return block;
  const labels = blocks.map((candidate) => candidate.label).join(", ");
  throw new MemGPTError("not_found", `${entry.name} has no block ${label}. It has: ${labels}.`);
}

async function blocksOf(owner: Owner, entry: AgentEntry): Promise<BlockEntry[]> {
  const state = await owner.read(entry, (store) => store.load());
  return state === undefined ? [] : owner.blocks.of(state);
}
