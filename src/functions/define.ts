import * as z from "zod";
import { MemGPTError } from "../errors.ts";
import { once } from "../schema/once.ts";
import type { NoticeSink } from "../ports/notices.ts";
import type { RecallStorage } from "../ports/recall.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { FunctionKind } from "../schema/message.ts";
import type { Hit } from "../schema/page.ts";
import type { AgentState } from "../schema/state.ts";
import type { Collections } from "../search/passages/collections.ts";
import type { Effect } from "./effects.ts";

/** What a function may read. A function changes nothing itself: it returns effects. */
export type FunctionContext = {
  /** The agent after the calls before this one in the same response. */
  readonly state: AgentState;
  readonly recall: RecallStorage;
  /**
   * Archival memory: the agent's own passages (`collections.own`) and those of attached sources, each with its
   * embedder.
   */
  readonly collections: Collections;
  /** Shows the person a notice that the model need not see. */
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
  /** Aborted when the person stops the turn. Long-running functions should respect it. */
  readonly signal?: AbortSignal | undefined;
};

/** A person's answer. `why`: the reason for a refusal, for the model to read. */
export type ForgetProposal =
  { readonly agreed: true; readonly why?: undefined } | { readonly agreed: false; readonly why: string };

/** A message or passage that a search found. `source`: the attached source of a passage. */
export type FoundHit = Pick<Hit<{ readonly id: string }>, "id" | "signals"> & { readonly source?: string | null };

export type FunctionResult = {
  /** Text for the model; null if there is nothing to report. */
  readonly output: string | null;
  readonly effects?: readonly Effect[];
  /** For a search: the results that `output` shows, best first. */
  readonly hits?: readonly FoundHit[];
  /** For a search: the model whose vectors were compared with the query, if any. */
  readonly model?: string | undefined;
  /** Whether others wrote `output`, so that the model reads it as data. Always the case for an `outside_effect`. */
  readonly foreign?: boolean;
};

/** A function the model can call, its parameter type closed over. Created by `defineFunction`. */
export type AgentFunction = {
  readonly name: string;
  /** Another name by which people may refer to it: `mcp:SERVER/TOOL`. */
  readonly alias?: string | undefined;
  readonly kind: FunctionKind;
  readonly schema: FunctionSchema;
  /** Whether a call is only a proposal, which asks a person each time, whatever they allowed. */
  readonly proposes?: boolean | undefined;
  /** Whether the caller answers its calls, with `answerCalls`. */
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
   * - `search`: nothing; its results are a page of memory, which `why` lists.
   * - `memory_write`: it changes core or archival memory, through effects.
   * - `outside_effect`: it acts on the world, so no undo can revert it.
   */
  readonly kind: FunctionKind;
  readonly parameters: Parameters;
  /**
   * Whether the model may ask for another step along with the call. Default: true; false suits a function that ends a
   * turn.
   */
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
 * Creates a function from one zod object, which is its type, its validator and the schema that the model sees.
 *
 * @throws MemGPTError `invalid_input` for a name that models cannot call, an unknown kind, or a parameter named
 *   `request_heartbeat`.
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
  checkKind(name, kind);
  if ("request_heartbeat" in parameters.shape) {
    throw new MemGPTError("invalid_input", `${name}: the parameter request_heartbeat is reserved; rename it.`);
  }
  const schema = once(() => ({ name, description, parameters: jsonSchema(parameters, heartbeat) }));
  return {
    name,
    kind,
    // An agent has some of all functions, and each takes 0.2 ms.
    get schema() {
      return schema();
    },
    async call(args, context) {
      const parsed = parameters.safeParse(args);
      if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll("\n", " "));
      return definition.run(parsed.data, context);
    },
  };
}

/** A function that the model sees but the caller runs. @throws MemGPTError `invalid_input` for its name. */
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

const KINDS: readonly FunctionKind[] = ["plain", "search", "memory_write", "outside_effect"];

/** Files that run without a build step are not type-checked, and without a kind nobody would be asked for consent. */
function checkKind(name: string, kind: unknown): void {
  if (KINDS.some((known) => known === kind)) return;
  const known = `${KINDS.slice(0, -1).join(", ")} or ${KINDS.at(-1) ?? ""}`;
  throw new MemGPTError(
    "invalid_input",
    `${name}: kind must be ${known} (got ${typeof kind === "string" ? kind : typeof kind}).`,
  );
}

function jsonSchema(parameters: z.ZodObject, heartbeat: boolean): Record<string, unknown> {
  const { properties, required } = z.toJSONSchema(parameters, { io: "input", override: withoutSafeIntegerLimits });
  return {
    type: "object",
    properties: heartbeat ? { ...properties, request_heartbeat: REQUEST_HEARTBEAT } : { ...properties },
    required: heartbeat ? [...(required ?? []), "request_heartbeat"] : [...(required ?? [])],
  };
}

/** Removes the range of safe integers, which zod adds and which is noise to a model. */
function withoutSafeIntegerLimits({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void {
  if (jsonSchema["maximum"] === Number.MAX_SAFE_INTEGER) delete jsonSchema["maximum"];
  if (jsonSchema["minimum"] === Number.MIN_SAFE_INTEGER) delete jsonSchema["minimum"];
}
