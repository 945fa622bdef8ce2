import * as z from "zod";
import { EMBEDDING_PROVIDERS } from "../../schema/embedding.ts";
import { functionKindSchema } from "../../schema/message.ts";
import type { Contract } from "./contract.ts";

const tag = "Settings";
const name = z.string().min(1).max(300);
const url = z.string().max(2000);

const model = z.object({
  model: name,
  /** Base URL of its server; null for the built-in one, and for OpenAI. */
  endpoint: url.nullable(),
  /** In tokens. */
  contextWindow: z.number().int(),
});
/** A key is tried, or stored for that endpoint; without it the server's own is used. */
const chosenModel = model.extend({ key: z.string().min(1).max(1000).optional() });
export type ChosenModel = z.input<typeof chosenModel>;

const embedding = z.object({
  provider: z.enum(EMBEDDING_PROVIDERS),
  model: name.nullable(),
  endpoint: url.nullable(),
});
export type ChosenEmbedding = z.input<typeof embedding>;

const check = z.object({
  name: z.string(),
  status: z.enum(["ok", "warn", "fail"]),
  detail: z.string(),
  advice: z.string().optional(),
});
const consent = z.enum(["always", "never", "ask"]);

/** What an agent thinks and searches with, and what it may call. */
export const SETTINGS_CONTRACTS = {
  settings: {
    method: "get",
    path: "/v1/agents/{agent_id}/settings",
    tag,
    summary: "The model and the embedding of an agent, and the models that the server has.",
    answer: z.object({
      model,
      embedding,
      models: z.array(model),
      embeddings: z.array(embedding),
      /** Whether the caller may name any other server, and give it a key. */
      mayChooseServer: z.boolean(),
    }),
    gives: "What it is set to, and what there is.",
  },
  tryModel: {
    method: "post",
    path: "/v1/agents/{agent_id}/model/try",
    tag,
    summary: "Asks a model for an answer and a function call. Changes nothing.",
    body: chosenModel,
    answer: z.array(check),
    gives: "What was tried, and what came of it.",
  },
  putModel: {
    method: "put",
    path: "/v1/agents/{agent_id}/model",
    tag,
    summary: "The agent thinks with this model from now on.",
    body: chosenModel,
    answer: z.object({ changes: z.array(z.string()) }),
    gives: "What changed, in words; one undo changes it back.",
  },
  tryEmbedding: {
    method: "post",
    path: "/v1/agents/{agent_id}/embedding/try",
    tag,
    summary: "Embeds one text. Changes nothing.",
    body: embedding,
    answer: z.object({ model: z.string(), dimensions: z.number().int(), seconds: z.number() }),
    gives: "What the text came to.",
  },
  putEmbedding: {
    method: "put",
    path: "/v1/agents/{agent_id}/embedding",
    tag,
    summary: "Embeds all that the agent remembers with this from now on. It answers nobody meanwhile.",
    body: embedding,
    answer: z.object({
      model: z.string(),
      passages: z.number().int(),
      withoutVector: z.number().int(),
      notices: z.array(z.string()),
    }),
    gives: "What was embedded.",
  },
  functions: {
    method: "get",
    path: "/v1/agents/{agent_id}/functions",
    tag,
    summary: "What the model may call, whether it must ask first, and what else it can be given.",
    answer: z.object({
      functions: z.array(
        z.object({
          name: z.string(),
          description: z.string(),
          /** Null if this program lacks it. */
          kind: functionKindSchema.nullable(),
          may: z.enum(["yes", "no", "ask"]),
          why: z.string(),
          /** What a person said; null for a function that needs no consent. */
          consent: consent.nullable(),
        }),
      ),
      available: z.array(z.object({ name: z.string(), description: z.string() })),
      /** What was wrong with functions of files and servers. */
      problems: z.array(z.string()),
    }),
    gives: "The functions.",
  },
  putFunction: {
    method: "put",
    path: "/v1/agents/{agent_id}/functions/{function}",
    tag,
    summary: "Lets the model call a function, or all tools of a server (`mcp:SERVER`), and says whether it must ask.",
    body: z.object({ consent: consent.optional() }),
    isBare: true,
    answer: z.object({}),
    gives: "It is so; one undo takes it back.",
  },
  removeFunction: {
    method: "delete",
    path: "/v1/agents/{agent_id}/functions/{function}",
    tag,
    summary: "The model can no longer call a function.",
    answer: z.object({}),
    gives: "It is gone; one undo brings it back.",
  },
  toolServers: {
    method: "get",
    path: "/v1/tool-servers",
    tag,
    summary: "The MCP servers whose tools agents can be given.",
    answer: z.array(z.object({ name: z.string(), address: z.string(), tools: z.array(z.string()) })),
    gives: "All of them.",
  },
  putToolServer: {
    method: "put",
    path: "/v1/tool-servers/{server}",
    tag,
    summary: "Connects to an MCP server, by a URL or a command of this machine, and remembers its tools. For admins.",
    body: z.object({ url: url.optional(), command: z.array(z.string()).min(1).optional() }),
    answer: z.object({ tools: z.array(z.string()), problems: z.array(z.string()) }),
    gives: "Its tools, and what was left out.",
  },
  testToolServer: {
    method: "post",
    path: "/v1/tool-servers/{server}/test",
    tag,
    summary: "Connects to an MCP server and compares its tools with those that were added. For admins.",
    answer: z.object({
      tools: z.array(z.string()),
      added: z.array(z.string()),
      changed: z.array(z.string()),
      removed: z.array(z.string()),
    }),
    gives: "Its tools now, and how they differ.",
  },
  removeToolServer: {
    method: "delete",
    path: "/v1/tool-servers/{server}",
    tag,
    summary: "Forgets an MCP server. For admins.",
    answer: z.object({}),
    gives: "It is gone.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
