import {
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
import type { LoadEvent } from "../sources/load.ts";
import type { Origin } from "../sources/origins.ts";
import type { StoredDocument } from "../schema/source.ts";
import { sourcesIn } from "../storage/files/source-names.ts";
import type { Household } from "./household.ts";
import type { LoadSourceOptions, SourceOverview } from "./sources.ts";

// What reads documents is loaded with the first source.
const sources = () => import("./sources.ts");

const origin = must("a path, a URL or made by defineSource", isOrigin);

const loadOptions = optionsOf<LoadSourceOptions>({
  description: aText,
  mode: oneOf("sync", "append", "replace"),
  isRecursive: aFlag,
  extensions: listOf(filledText),
  allowedHosts: listOf(filledText),
  signal: aSignal,
});

/** The data sources of a home: named sets of passages loaded from documents. */
export class Sources {
  readonly #house: Pick<Household, "home" | "config" | "embedder" | "now" | "newId">;

  constructor(house: Pick<Household, "home" | "config" | "embedder" | "now" | "newId">) {
    this.#house = house;
  }

  /**
   * Loads files, folders, web pages or documents of one's own into a source, which is made if it does not exist. Loaded
   * again, what is new is added, what changed is replaced, and what is gone is removed. A caller who stops keeps what was
   * loaded, and the next load goes on from there.
   *
   * @throws MemGPTError `invalid_name`; `not_found` for a path where there is nothing; `agent_locked` while another process
   *   loads into it; `interrupted` if `signal` is aborted; what the embedder throws.
   */
  async *load(
    name: string,
    origins: readonly Origin[],
    options: LoadSourceOptions = {},
  ): AsyncGenerator<LoadEvent, void, void> {
    expectArguments({ name: [name, aText], origins: [origins, listOf(origin)], options: [options, loadOptions] });
    yield* (await sources()).loadSource(this.#house, name, origins, options);
  }

  /** Names of all sources, in their order. */
  names(): string[] {
    return sourcesIn(this.#house.home);
  }

  /** All sources, by their names. */
  async list(): Promise<SourceOverview[]> {
    return (await sources()).listSources(this.#house);
  }

  /** @throws MemGPTError `not_found`, listing those there are. */
  async overview(name: string): Promise<SourceOverview> {
    expectArguments({ name: [name, aText] });
    return (await sources()).sourceOverview(this.#house, name);
  }

  /** The documents of a source, in the order in which they were loaded. @throws MemGPTError `not_found`. */
  async *documents(name: string): AsyncGenerator<StoredDocument, void, void> {
    expectArguments({ name: [name, aText] });
    yield* (await sources()).documentsOf(this.#house, name);
  }

  /** Removes a source and all its passages, for good. @throws MemGPTError `not_found`, `agent_locked`. */
  async delete(name: string): Promise<void> {
    expectArguments({ name: [name, aText] });
    await (await sources()).deleteSource(this.#house, name);
  }
}

function isOrigin(value: unknown): boolean {
  if (typeof value === "string") return value !== "";
  if (typeof value !== "object" || value === null) return false;
  const { name, read } = value as { readonly name?: unknown; readonly read?: unknown };
  return typeof name === "string" && aFunction(read, "") === undefined;
}
