import {
  aCount,
  aFlag,
  aFunction,
  aSignal,
  aText,
  expectArguments,
  filledText,
  listOf,
  must,
  oneOf,
  optionsOf,
} from "../agent/expect.ts";
import type { LoadEvent } from "../sources/load-events.ts";
import type { Origin } from "../sources/origins.ts";
import type { StoredDocument } from "../schema/source.ts";
import type { Household } from "./household.ts";
import type { LoadSourceOptions, PassagesAround, SourceOverview } from "./sources.ts";

// Loaded with the first source.
const sources = () => import("./sources.ts");

const origin = must("a path, a URL or made by defineSource", isOrigin);

const loadOptions = optionsOf<LoadSourceOptions>({
  description: aText,
  mode: oneOf("sync", "append", "replace"),
  isRecursive: aFlag,
  extensions: listOf(filledText),
  allowedHosts: listOf(filledText),
  secrets: must('"keep", "redact", "skip" or a function that chooses', isSecretsPolicy),
  signal: aSignal,
});

/** The data sources of a home: named sets of passages loaded from documents. */
export class Sources {
  readonly #house: Pick<Household, "sources" | "config" | "embedder" | "now" | "newId">;

  constructor(house: Pick<Household, "sources" | "config" | "embedder" | "now" | "newId">) {
    this.#house = house;
  }

  /**
   * Loads files, folders, web pages or the program's own documents into a source, creating it if needed. Loading again
   * adds what is new, replaces what changed and removes what no longer exists. A caller who stops keeps what was
   * loaded, and the next load resumes. `options.secrets`, or else the setting `secrets`, decides about secrets in
   * documents; it may be a function that asks a person about the first.
   *
   * @throws MemGPTError `invalid_name`; `not_found` for a path that does not exist; `agent_locked` while another
   *   process loads into it; `interrupted` if `signal` is aborted; as the embedder does.
   */
  async *load(
    name: string,
    origins: readonly Origin[],
    options: LoadSourceOptions = {},
  ): AsyncGenerator<LoadEvent, void, void> {
    expectArguments({ name: [name, aText], origins: [origins, listOf(origin)], options: [options, loadOptions] });
    yield* (await sources()).loadSource(this.#house, name, origins, options);
  }

  /** Names of all sources, sorted. */
  async names(): Promise<string[]> {
    return this.#house.sources.names();
  }

  /** All sources, sorted by name. */
  async list(): Promise<SourceOverview[]> {
    return (await sources()).listSources(this.#house);
  }

  /** @throws MemGPTError `not_found`, listing the sources. */
  async overview(name: string): Promise<SourceOverview> {
    expectArguments({ name: [name, aText] });
    return (await sources()).sourceOverview(this.#house, name);
  }

  /** The documents of a source, in loading order. @throws MemGPTError `not_found`. */
  async *documents(name: string): AsyncGenerator<StoredDocument, void, void> {
    expectArguments({ name: [name, aText] });
    yield* (await sources()).documentsOf(this.#house, name);
  }

  /**
   * A passage with the `count` passages before it in its document and as many after it (default: 2), in order.
   *
   * @throws MemGPTError `not_found` for an unknown source or passage.
   */
  async around(name: string, passage: string, count = 2): Promise<PassagesAround> {
    expectArguments({ name: [name, aText], passage: [passage, aText], count: [count, aCount] });
    return (await sources()).passagesAround(this.#house, name, { id: passage, count });
  }

  /** Deletes a source and all its passages for good. @throws MemGPTError `not_found`, `agent_locked`. */
  async delete(name: string): Promise<void> {
    expectArguments({ name: [name, aText] });
    await this.#house.sources.remove(name);
  }
}

function isSecretsPolicy(value: unknown): boolean {
  return typeof value === "function" || value === "keep" || value === "redact" || value === "skip";
}

function isOrigin(value: unknown): boolean {
  if (typeof value === "string") return value !== "";
  if (typeof value !== "object" || value === null) return false;
  const { name, read } = value as { readonly name?: unknown; readonly read?: unknown };
  return typeof name === "string" && aFunction(read, "") === undefined;
}
