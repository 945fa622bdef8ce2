import { MemGPTError } from "../errors.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { AgentFunction } from "./define.ts";

/** Functions that an agent has, and names of those it should have that the registry lacks. */
export type SelectedFunctions = {
  readonly functions: ReadonlyMap<string, AgentFunction>;
  readonly missing: readonly string[];
};

/** The functions that the agents of one host can be given. */
export class FunctionRegistry {
  readonly #functions: ReadonlyMap<string, AgentFunction>;

  /** @throws MemGPTError `invalid_input` if two functions have the same name. */
  constructor(functions: readonly AgentFunction[]) {
    const byName = new Map<string, AgentFunction>();
    for (const fn of functions) {
      if (byName.has(fn.name)) {
        throw new MemGPTError("invalid_input", `There are two functions named ${fn.name}; rename one of them.`);
      }
      byName.set(fn.name, fn);
    }
    this.#functions = byName;
  }

  get names(): readonly string[] {
    return [...this.#functions.keys()];
  }

  /** What a model is shown of each. */
  get schemas(): readonly FunctionSchema[] {
    return [...this.#functions.values()].map(({ schema }) => schema);
  }

  /** The functions of those names, in that order. A missing one is reported, not an error: the agent must still load. */
  select(names: readonly string[]): SelectedFunctions {
    const functions = new Map<string, AgentFunction>();
    for (const name of names) {
      const fn = this.#functions.get(name);
      if (fn !== undefined) functions.set(name, fn);
    }
    return { functions, missing: names.filter((name) => !functions.has(name)) };
  }
}
