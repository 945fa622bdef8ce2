import * as z from "zod";
import { EMBEDDING_PROVIDERS } from "../../schema/embedding.ts";
import { functionKindSchema } from "../../schema/message.ts";
import type { Contract } from "./contract.ts";

const tag = "Settings";
const name = z.string().min(1).max(300);
const url = z.string().max(2000);

const model = z.object({
  model: name,
  /** Base URL of its server; null for the built-in model and for OpenAI. */
  endpoint: url.nullable(),
  /** In tokens. */
  contextWindow: z.number().int(),
});
/** `key` is tried, or stored, for that endpoint; without it, the server's own key is used. */
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

/** An agent's model, embedding and functions. */
export const SETTINGS_CONTRACTS = {
  settings: {
    method: "get",
    path: "/v1/agents/{agent_id}/settings",
    tag,
    summary: "An agent's model and embedding, and those that the server offers.",
    answer: z.object({
      model,
      embedding,
      models: z.array(model),
      embeddings: z.array(embedding),
      /** Whether the caller may choose another server and give it a key. */
      mayChooseServer: z.boolean(),
    }),
    gives: "The settings and the choices.",
  },
  tryModel: {
    method: "post",
    path: "/v1/agents/{agent_id}/model/try",
    tag,
    summary: "Asks a model for an answer and a function call. Changes nothing.",
    body: chosenModel,
    answer: z.array(check),
    gives: "The checks and their results.",
  },
  putModel: {
    method: "put",
    path: "/v1/agents/{agent_id}/model",
    tag,
    summary: "Sets the agent's model.",
    body: chosenModel,
    answer: z.object({ changes: z.array(z.string()) }),
    gives: "What changed, in words; one undo reverses it.",
  },
  tryEmbedding: {
    method: "post",
    path: "/v1/agents/{agent_id}/embedding/try",
    tag,
    summary: "Embeds one text. Changes nothing.",
    body: embedding,
    answer: z.object({ model: z.string(), dimensions: z.number().int(), seconds: z.number() }),
    gives: "The model, the size of its vectors, and the time it took.",
  },
  putEmbedding: {
    method: "put",
    path: "/v1/agents/{agent_id}/embedding",
    tag,
    summary: "Sets the agent's embedding and re-embeds its memory. The agent is unavailable meanwhile.",
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
    summary: "The functions that the model may call, whether they need consent, and which others can be added.",
    answer: z.object({
      functions: z.array(
        z.object({
          name: z.string(),
          description: z.string(),
          /** Null if this program lacks it. */
          kind: functionKindSchema().nullable(),
          may: z.enum(["yes", "no", "ask"]),
          why: z.string(),
          /** The person's choice; null for a function that needs no consent. */
          consent: consent.nullable(),
        }),
      ),
      available: z.array(z.object({ name: z.string(), description: z.string() })),
      /** What is wrong with functions from files and servers. */
      problems: z.array(z.string()),
    }),
    gives: "The functions.",
  },
  putFunction: {
    method: "put",
    path: "/v1/agents/{agent_id}/functions/{function}",
    tag,
    summary: "Adds a function, or all tools of a server (`mcp:SERVER`), and sets whether it needs consent.",
    body: z.object({ consent: consent.optional() }),
    isBare: true,
    answer: z.object({}),
    gives: "The function is added; one undo reverses it.",
  },
  removeFunction: {
    method: "delete",
    path: "/v1/agents/{agent_id}/functions/{function}",
    tag,
    summary: "Removes a function from those that the model may call.",
    answer: z.object({}),
    gives: "The function is removed; one undo restores it.",
  },
  toolServers: {
    method: "get",
    path: "/v1/tool-servers",
    tag,
    summary: "The MCP servers whose tools can be added to agents.",
    answer: z.array(z.object({ name: z.string(), address: z.string(), tools: z.array(z.string()) })),
    gives: "All of them.",
  },
  putToolServer: {
    method: "put",
    path: "/v1/tool-servers/{server}",
    tag,
    summary: "Connects to an MCP server, by URL or by a command on this machine, and stores its tools. For admins.",
    body: z.object({ url: url.optional(), command: z.array(z.string()).min(1).optional() }),
    answer: z.object({ tools: z.array(z.string()), problems: z.array(z.string()) }),
    gives: "Its tools, and which were left out.",
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
    summary: "Removes an MCP server. For admins.",
    answer: z.object({}),
    gives: "The server is removed.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
