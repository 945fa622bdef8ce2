import { MemGPTError } from "../errors.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { AgentFunction } from "./define.ts";

/** Functions that an agent has, and names of those it should have that the registry lacks. */
export type SelectedFunctions = {
  readonly functions: ReadonlyMap<string, AgentFunction>;
  readonly missing: readonly string[];
};

/** Functions from outside the program, and what was wrong with the rest, for a person to read. */
export type LoadedFunctions = { readonly functions: readonly AgentFunction[]; readonly problems: readonly string[] };

/** The functions that the agents of one host can be given. */
export class FunctionRegistry {
  readonly #fixed: ReadonlyMap<string, AgentFunction>;
  readonly #load: () => Promise<LoadedFunctions>;
  #functions: ReadonlyMap<string, AgentFunction>;
  #problems: readonly string[] = [];

  /**
   * @param load Reads the functions from outside the program, as they are now.
   * @throws MemGPTError `invalid_input` if two functions have the same name.
   */
  constructor(
    functions: readonly AgentFunction[],
    load: () => Promise<LoadedFunctions> = async () => ({ functions: [], problems: [] }),
  ) {
    const byName = new Map<string, AgentFunction>();
    for (const fn of functions) {
      if (byName.has(fn.name)) {
        throw new MemGPTError("invalid_input", `There are two functions named ${fn.name}; rename one of them.`);
      }
      byName.set(fn.name, fn);
    }
    this.#fixed = byName;
    this.#functions = byName;
    this.#load = load;
  }

  /** By name. Another map after each `refresh`. */
  get all(): ReadonlyMap<string, AgentFunction> {
    return this.#functions;
  }

  get names(): readonly string[] {
    return [...this.#functions.keys()];
  }

  /** What was wrong with functions from outside, for a person to read. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** What a model is shown of each. */
  get schemas(): readonly FunctionSchema[] {
    return [...this.#functions.values()].map(({ schema }) => schema);
  }

  /** Reads the functions from outside again. One whose name is taken is skipped. */
  async refresh(): Promise<void> {
    const { functions, problems } = await this.#load();
    const all = new Map(this.#fixed);
    const skipped: string[] = [];
    for (const fn of functions) {
      if (all.has(fn.name)) skipped.push(`A second function named ${fn.name} is skipped: the name is taken.`);
      else all.set(fn.name, fn);
    }
    this.#functions = all;
    this.#problems = [...problems, ...skipped];
  }

  /** Reads them if one of `names` is not there yet: an agent without any does not wait for them. */
  async prepare(names: readonly string[]): Promise<void> {
    if (names.some((name) => !this.#functions.has(name))) await this.refresh();
  }

  /** The names meant by a name, by `mcp:SERVER/TOOL` or by `mcp:SERVER`; the same name if it is unknown. */
  meant(name: string): readonly string[] {
    const found = [...this.#functions.values()].filter(({ alias }) => alias === name || alias?.startsWith(`${name}/`));
    return this.#functions.has(name) || found.length === 0 ? [name] : found.map((fn) => fn.name);
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
