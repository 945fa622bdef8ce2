import * as z from "zod";
import { MemGPTError } from "../errors.ts";
import type { NoticeSink } from "../ports/notices.ts";
import type { RecallStorage } from "../ports/recall.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { FunctionKind } from "../schema/message.ts";
import type { Hit } from "../schema/page.ts";
import type { AgentState } from "../schema/state.ts";
import type { Collections } from "../search/passages/collections.ts";
import type { Effect } from "./effects.ts";

/** What a function may read. It changes nothing itself: it returns effects. */
export type FunctionContext = {
  /** The agent after the calls before this one in the same response. */
  readonly state: AgentState;
  readonly recall: RecallStorage;
  /** Archival memory: the agent's own passages (`collections.own`) and those of attached sources, each with its embedder. */
  readonly collections: Collections;
  /** Gives the person a notice that the model need not see. */
  readonly notify: NoticeSink;
  /** Time of the step, ISO 8601 in UTC. */
  readonly now: string;
  readonly newId: () => string;
  /** Number of passages inserted by earlier calls of the same response: searches find them from the next step on. */
  readonly inserted: number;
  /** The most tokens that one page of results may take. */
  readonly pageTokens: number;
  /** Shows the person what would go if everything that says `text` were erased, and asks. */
  readonly proposeForgetting: (text: string) => Promise<ForgetProposal>;
  /** Aborted when the person stops the turn. Whatever takes long should heed it. */
  readonly signal?: AbortSignal | undefined;
};

/** What a person answered. `why` not, for the model to read. */
export type ForgetProposal =
  { readonly agreed: true; readonly why?: undefined } | { readonly agreed: false; readonly why: string };

/** A message or passage that a search found; `source` is that of a passage of an attached source. */
export type FoundHit = Pick<Hit<{ readonly id: string }>, "id" | "signals"> & { readonly source?: string | null };

export type FunctionResult = {
  /** Text for the model; null if there is nothing to report. */
  readonly output: string | null;
  readonly effects?: readonly Effect[];
  /** Of a search: the results that `output` shows, best first. */
  readonly hits?: readonly FoundHit[];
  /** Of a search: the model whose vectors were compared with the query, if any were. */
  readonly model?: string | undefined;
  /** Whether others wrote `output`: the model then reads it as data. That of an `outside_effect` always is. */
  readonly foreign?: boolean;
};

/** A function the model can call, its parameter type closed over. Made by `defineFunction`. */
export type AgentFunction = {
  readonly name: string;
  /** Another name that people may give it by: `mcp:SERVER/TOOL`. */
  readonly alias?: string | undefined;
  readonly kind: FunctionKind;
  readonly schema: FunctionSchema;
  /** Whether a call is only a proposal: it asks a person each time, whatever they allowed. */
  readonly proposes?: boolean | undefined;
  /** Whether the caller answers its calls, by `answerCalls`. */
  readonly deferred?: boolean | undefined;
  /** @throws Error, for the model to read, if the arguments do not match the schema or the function refuses them. */
  call(args: unknown, context: FunctionContext): Promise<FunctionResult>;
};

export type FunctionDefinition<Parameters extends z.ZodObject> = {
  /** Up to 64 letters, digits, `_` and `-`, beginning with a letter or `_`. */
  readonly name: string;
  /** What the function does and when to call it. The model reads this. */
  readonly description: string;
  /**
   * What the function does beyond returning text.
   *
   * - `plain`: nothing, or something only this agent notices, such as sending its reply.
   * - `search`: nothing, and its results are a page of memory: `why` lists them.
   * - `memory_write`: it changes core or archival memory, through effects.
   * - `outside_effect`: it acts on the world, so that no undo takes it back.
   */
  readonly kind: FunctionKind;
  readonly parameters: Parameters;
  /** Whether the model may ask for another step along with the call. Default: true; false suits a function that ends a turn. */
  readonly heartbeat?: boolean;
  /** Errors it throws are returned to the model; a `MemGPTError` ends the turn and reaches the person. */
  run(args: z.infer<Parameters>, context: FunctionContext): FunctionResult | Promise<FunctionResult>;
};

/** Some models put a whole answer where the name belongs, so a longer name is never a function's. */
export const LONGEST_NAME = 64;
const NAME = new RegExp(`^[A-Za-z_][A-Za-z0-9_-]{0,${LONGEST_NAME - 1}}$`);

export const REQUEST_HEARTBEAT = {
  type: "boolean",
  description: "true: act again at once",
};

/**
 * Makes a function from one zod object, which is the type, the validator and the schema that the model is shown.
 *
 * @throws MemGPTError `invalid_input` for a name that models cannot call, or a parameter named `request_heartbeat`.
 * @example
 * const rollDice = defineFunction({
 *   name: "roll_dice",
 *   description: "Rolls a die and returns what it shows.",
 *   kind: "plain",
 *   parameters: z.object({ sides: z.number().int().min(2) }),
 *   run: ({ sides }) => ({ output: String(1 + Math.floor(Math.random() * sides)) }),
 * });
 */
export function defineFunction<Parameters extends z.ZodObject>(
  definition: FunctionDefinition<Parameters>,
): AgentFunction {
  const { name, description, kind, parameters, heartbeat = true } = definition;
  checkName(name);
  if ("request_heartbeat" in parameters.shape) {
    throw new MemGPTError("invalid_input", `${name}: the parameter request_heartbeat is reserved; rename it.`);
  }
  return {
    name,
    kind,
    schema: { name, description, parameters: jsonSchema(parameters, heartbeat) },
    async call(args, context) {
      const parsed = parameters.safeParse(args);
      if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll("\n", " "));
      return definition.run(parsed.data, context);
    },
  };
}

/** A function that the model is shown and that the caller runs. @throws MemGPTError `invalid_input` for its name. */
export function deferredFunction(schema: FunctionSchema): AgentFunction {
  checkName(schema.name);
  return {
    name: schema.name,
    kind: "plain",
    schema,
    deferred: true,
    call: async () => {
      throw new Error(`${schema.name} is not run here`);
    },
  };
}

function checkName(name: string): void {
  if (NAME.test(name)) return;
  const rule = `up to ${LONGEST_NAME} letters, digits, _ and -, beginning with a letter or _`;
  throw new MemGPTError("invalid_input", `${JSON.stringify(name)} cannot be the name of a function: use ${rule}.`);
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
