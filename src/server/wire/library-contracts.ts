import * as z from "zod";
import type { AgentEvent, InputEvent } from "../../schema/events.ts";
import type { AgentState } from "../../schema/state.ts";
import { blockSchema } from "../../schema/state.ts";
import { AGENT_METHODS, type AgentMethod } from "./agent-methods.ts";
import { type Contract, libraryType } from "./contract.ts";

const tag = "Library";

/** The properties of an agent that its program reads synchronously. `op` is the newest operation of its journal. */
export type Standing = {
  readonly op: number;
  readonly state: AgentState;
  /** As the library's `context`, `permissions` and `availableFunctions` return them. */
  readonly context: unknown;
  readonly permissions: unknown;
  readonly availableFunctions: readonly string[];
};

/** An error of the library, as sent over HTTP. */
export type WireError = { readonly code: string; readonly detail: unknown; readonly kept?: string | undefined };

/** One server-sent event of a turn: an event with its number, or the end. */
export type TurnFrame =
  | { readonly seq: number; readonly event: AgentEvent }
  | { readonly end: { readonly error: WireError | null; readonly standing: Standing | null } };

/** The options of the library's method without `signal`; the library checks them. */
const options = { options: z.record(z.string(), z.unknown()).default({}) };
const id = z.string().min(1).max(200);

/** Makes a request idempotent. */
const once = {
  /** The caller's idempotency key. */
  key: id.optional(),
  /** Whether the request may have been sent before. */
  isRepeat: z.boolean().default(false),
};

/** The routes that `RemoteMemGPT` calls: the library's methods over HTTP. */
export const LIBRARY_CONTRACTS = {
  makeAgent: {
    method: "post",
    path: "/v1/roster",
    tag,
    summary: "Creates an agent as the library does: with persona, human, preset and model by name.",
    body: z.object({
      name: z.string().min(1).max(200).optional(),
      persona: z.string().optional(),
      human: z.string().optional(),
      preset: z.string().optional(),
      model: z.string().optional(),
      endpoint: z.string().optional(),
      contextWindow: z.number().optional(),
      coreMemoryLimit: z.number().optional(),
      system: z.string().optional(),
      blocks: z.array(blockSchema()).optional(),
      ...once,
    }),
    answer: z.object({ id: z.string(), name: z.string() }),
    gives: "The agent's id and name.",
  },
  callAgent: {
    method: "post",
    path: "/v1/agents/{agent_id}/call",
    tag,
    summary: "Calls a method of the library's `Agent`, with its arguments.",
    body: z.object({
      method: z.enum(Object.keys(AGENT_METHODS) as AgentMethod[]),
      arguments: z.array(z.unknown()).max(10).default([]),
      /** Ids of messages or passages that storage leaves out. */
      without: z.array(z.string()).optional(),
      /** The newest operation that the caller knows. */
      known: z.number().int().optional(),
      ...once,
    }),
    answer: z.object({ result: z.unknown().optional(), standing: libraryType<Standing>().nullable() }),
    gives: "What the method returns, and the agent's state unless the caller has it.",
  },
  runTurn: {
    method: "put",
    path: "/v1/agents/{agent_id}/turns/{turn_id}",
    tag,
    summary:
      "Starts a turn with an id that the caller chooses, or follows it if it has begun: streams every event after number `after`.",
    body: z.object({
      ask: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("send"), event: libraryType<InputEvent>(), ...options }),
        z.object({ kind: z.literal("retry"), message: z.string().optional(), id, ...options }),
        z.object({ kind: z.literal("answerCalls"), answers: z.array(z.unknown()), ...options }),
        z.object({ kind: z.literal("summarize"), hint: z.string().optional() }),
      ]),
      after: z.number().int().min(0).default(0),
      /** Whether the turn may have been started before. */
      isRepeat: z.boolean().default(false),
    }),
    answer: libraryType<TurnFrame>(),
    gives: "Server-sent events. The last says how the turn ended.",
  },
  endTurn: {
    method: "delete",
    path: "/v1/agents/{agent_id}/turns/{turn_id}",
    tag,
    summary: "Stops a turn. Finished steps are kept.",
    answer: z.object({ status: z.string() }),
    gives: "How it ended.",
  },
  exportText: {
    method: "get",
    path: "/v1/agents/{agent_id}/text",
    tag,
    summary: "An agent as one text: Markdown for people, JSON with everything, or an agent file.",
    query: z.object({ format: z.enum(["markdown", "json", "af"]), all: z.enum(["true", "false"]).optional() }),
    answer: z.string(),
    gives: "The text.",
  },
  sourceNames: {
    method: "get",
    path: "/v1/source-names",
    tag,
    summary: "The names of the caller's data sources.",
    answer: z.array(z.string()),
    gives: "All of them.",
  },
} as const satisfies Readonly<Record<string, Contract>>;

export type TurnAsk = z.output<(typeof LIBRARY_CONTRACTS)["runTurn"]["body"]>["ask"];
