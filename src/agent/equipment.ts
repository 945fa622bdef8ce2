import type { AgentFunction } from "../functions/define.ts";
import type { Llm } from "../ports/llm.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentParts } from "./deps.ts";

/** The model and the functions that the state of an agent asks for. */
export type Equipment = {
  readonly of: Pick<AgentState, "settings" | "functions">;
  /** The functions of the registry when it was made. */
  readonly from: ReadonlyMap<string, AgentFunction>;
  /** Created when the first turn needs it: an agent whose model is unavailable can still be looked after. */
  llm: Llm | undefined;
  readonly functions: ReadonlyMap<string, AgentFunction>;
  readonly schemas: readonly FunctionSchema[];
};

/** The equipment of a state; of `known`, whatever the state still asks for. */
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

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
