import { type AgentFunction, deferredFunction } from "../functions/define.ts";
import { SEND_MESSAGE } from "../schema/built-in.ts";
import type { Llm } from "../ports/llm.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentOverrides, AgentParts } from "./deps.ts";

/** The model and functions according to an agent's state. */
export type Equipment = {
  readonly of: Pick<AgentState, "settings" | "functions">;
  /** The functions of the registry at that time. */
  readonly from: ReadonlyMap<string, AgentFunction>;
  /** Created when the first turn needs it, so that an agent whose model is unavailable can still be opened. */
  llm: Llm | undefined;
  readonly functions: ReadonlyMap<string, AgentFunction>;
  readonly schemas: readonly FunctionSchema[];
};

/** The equipment for a state. Reuses the parts of `known` that still fit. */
export function equip(
  { settings, functions: names }: AgentState,
  known: Equipment | undefined,
  { functions: registry }: Pick<AgentParts, "functions">,
): Equipment {
  const isFresh = known?.from === registry.all;
  if (isFresh && known.of.settings === settings && known.of.functions === names) return known;
  const sameModel = known !== undefined && sameJson(known.of.settings, settings);
  const sameFunctions = known !== undefined && isFresh && sameJson(known.of.functions, names);
  const functions = sameFunctions ? known.functions : registry.select(names).functions;
  return {
    of: { settings, functions: names },
    from: registry.all,
    llm: sameModel ? known.llm : undefined,
    functions,
    schemas: sameFunctions ? known.schemas : [...functions.values()].map((fn) => fn.schema),
  };
}

/** The calls that the caller answers during one turn. */
export type Deferral = {
  /** The caller's own functions. */
  readonly deferred?: readonly FunctionSchema[] | undefined;
  /** Names of the agent's functions that wait for approval. */
  readonly approve?: readonly string[] | undefined;
};

/** A caller's overrides for one turn. */
export type TurnWishes = Deferral & {
  /** Most steps of the turn, if fewer than configured. */
  readonly maxSteps?: number | undefined;
  /** The model that answers instead of the agent's. */
  readonly answeredBy?: Pick<AgentOverrides, "model" | "endpoint"> | undefined;
};

/** The equipment of a turn whose caller answers some calls. `send_message` is never deferred. */
export function deferring<T extends Pick<Equipment, "functions" | "schemas">>(
  equipment: T,
  { deferred = [], approve = [] }: Deferral,
): T {
  if (deferred.length === 0 && approve.length === 0) return equipment;
  const functions = new Map(equipment.functions);
  for (const schema of deferred) functions.set(schema.name, deferredFunction(schema));
  for (const name of approve) {
    const fn = functions.get(name);
    if (fn !== undefined) functions.set(name, { ...fn, deferred: true });
  }
  const speech = equipment.functions.get(SEND_MESSAGE);
  if (speech !== undefined) functions.set(SEND_MESSAGE, speech);
  return { ...equipment, functions, schemas: [...functions.values()].map((fn) => fn.schema) };
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
