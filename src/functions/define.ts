import * as z from "zod";
import type { FunctionSchema } from "../schema/context.ts";
import type { EmbeddedPassage } from "../schema/passage.ts";
import type { AgentState } from "../schema/state.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { ArchivalStorage, Hit, RecallStorage } from "../ports/storage.ts";

/** What a function may see. It changes nothing itself: it returns effects. */
export type FunctionContext = {
  readonly state: AgentState;
  readonly recall: RecallStorage;
  readonly archival: ArchivalStorage;
  readonly embedder: Embedder;
  /** Tells the person, once, what the model need not know. */
  readonly say: (notice: string) => void;
  /** Time of the step, ISO 8601 in UTC. */
  readonly now: string;
  readonly newId: () => string;
  /** How many passages the calls before this one in the same response insert: no search finds them before the step is kept. */
  readonly inserted: number;
  /** The most that one page of results may take, in tokens. */
  readonly pageTokens: number;
  readonly signal?: AbortSignal | undefined;
};

/** What a function wants changed. The step applies it, and commits it with everything else or not at all. */
export type Effect =
  | { readonly type: "send_message"; readonly text: string }
  | { readonly type: "set_block"; readonly label: string; readonly value: string }
  | { readonly type: "insert_passages"; readonly text: string; readonly passages: readonly EmbeddedPassage[] }
  | { readonly type: "pause_heartbeats"; readonly until: string };

/** `output` is what the model is told; null stands for nothing to tell. */
export type FunctionResult = {
  readonly output: string | null;
  readonly effects?: readonly Effect[];
  /** Of a search: the results that `output` shows. */
  readonly hits?: readonly Hit<{ readonly id: string }>[];
};

/** A function the model can call, its parameter type closed over. */
export type AgentFunction = {
  readonly name: string;
  readonly schema: FunctionSchema;
  /** @throws Error, for the model to read, if the arguments are not what the schema says or the function refuses. */
  call(args: unknown, context: FunctionContext): Promise<FunctionResult>;
};

type Definition<Parameters extends z.ZodObject> = {
  readonly name: string;
  readonly description: string;
  readonly parameters: Parameters;
  /** Whether the model is shown `request_heartbeat`. A function after which a turn usually ends does not show it. */
  readonly heartbeat?: boolean;
  run(args: z.infer<Parameters>, context: FunctionContext): FunctionResult | Promise<FunctionResult>;
};

const REQUEST_HEARTBEAT = {
  type: "boolean",
  description: "true: act again at once",
};

/** Makes a function of one zod object, which is the type, the validator and the schema that the model is shown. */
export function defineFunction<Parameters extends z.ZodObject>(definition: Definition<Parameters>): AgentFunction {
  const { name, description, parameters, heartbeat = true } = definition;
  return {
    name,
    schema: { name, description, parameters: jsonSchema(parameters, heartbeat) },
    async call(args, context) {
      const parsed = parameters.safeParse(args);
      if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll("\n", " "));
      return definition.run(parsed.data, context);
    },
  };
}

function jsonSchema(parameters: z.ZodObject, heartbeat: boolean): Record<string, unknown> {
  const { properties, required } = z.toJSONSchema(parameters, { io: "input", override: withoutSafeIntegerLimits });
  return {
    type: "object",
    properties: heartbeat ? { ...properties, request_heartbeat: REQUEST_HEARTBEAT } : { ...properties },
    required: heartbeat ? [...(required ?? []), "request_heartbeat"] : [...(required ?? [])],
  };
}

/** zod states the range of safe integers; to a model that is only noise. */
function withoutSafeIntegerLimits({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void {
  if (jsonSchema["maximum"] === Number.MAX_SAFE_INTEGER) delete jsonSchema["maximum"];
  if (jsonSchema["minimum"] === Number.MIN_SAFE_INTEGER) delete jsonSchema["minimum"];
}
