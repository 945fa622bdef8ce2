import { MemGPTError } from "../errors.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { AgentFunction } from "./define.ts";

/** An agent's functions, and the names of those that the registry lacks. */
export type SelectedFunctions = {
  readonly functions: ReadonlyMap<string, AgentFunction>;
  readonly missing: readonly string[];
};

/** Functions from outside the program, and problems with the rest, for a person to read. */
export type LoadedFunctions = { readonly functions: readonly AgentFunction[]; readonly problems: readonly string[] };

export type FunctionListOptions = {
  /** Whether to include those of the person's files and MCP servers. */
  readonly withOwn?: boolean;
  /** Receives the problems with these, for a person to read. */
  readonly onProblem?: (problem: string) => void;
};

/** The functions that the agents of one host can be given. */
export class FunctionRegistry {
  readonly #fixed: ReadonlyMap<string, AgentFunction>;
  readonly #load: () => Promise<LoadedFunctions>;
  #functions: ReadonlyMap<string, AgentFunction>;
  #problems: readonly string[] = [];

  /**
   * @param load Reads the current functions from outside the program.
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

  /** By name. A new map after each `refresh`. */
  get all(): ReadonlyMap<string, AgentFunction> {
    return this.#functions;
  }

  get names(): readonly string[] {
    return [...this.#functions.keys()];
  }

  /** Problems with functions from outside, for a person to read. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** The schema of each, as shown to the model. */
  async list({ withOwn = false, onProblem }: FunctionListOptions): Promise<readonly FunctionSchema[]> {
    if (withOwn) await this.refresh();
    if (onProblem !== undefined) this.#problems.forEach(onProblem);
    return [...this.#functions.values()].map(({ schema }) => schema);
  }

  /** Rereads the functions from outside. Skips those whose name is taken. */
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

  /** Rereads them only if one of `names` is unknown, so that most agents do not wait for it. */
  async prepare(names: readonly string[]): Promise<void> {
    if (names.some((name) => !this.#functions.has(name))) await this.refresh();
  }

  /** The functions that a name, `mcp:SERVER/TOOL` or `mcp:SERVER` refers to; the name itself if it is unknown. */
  meant(name: string): readonly string[] {
    const found = [...this.#functions.values()].filter(({ alias }) => alias === name || alias?.startsWith(`${name}/`));
    return this.#functions.has(name) || found.length === 0 ? [name] : found.map((fn) => fn.name);
  }

  /**
   * The functions with these names, in this order. Missing ones are reported rather than thrown: the agent must still
   * load.
   */
  select(names: readonly string[]): SelectedFunctions {
    const functions = new Map<string, AgentFunction>();
    for (const name of names) {
      const fn = this.#functions.get(name);
      if (fn !== undefined) functions.set(name, fn);
    }
    return { functions, missing: names.filter((name) => !functions.has(name)) };
  }
}
