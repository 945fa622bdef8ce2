import { type Owner, createMove } from "../compose.ts";
import type { Moved } from "../ports/move.ts";
import { homeAt } from "../storage/files/paths.ts";
import type { Household } from "./household.ts";

export type MoveOptions = {
  /** The target: `postgres://user@host:5432/name`, or the folder of a home. */
  readonly to: string;
  readonly signal?: AbortSignal | undefined;
};

type House = Pick<Household, "home" | "database" | "repository" | "sources" | "now">;

/** Records besides agents, which move only with all of them: shared blocks, and a server's records and accounts. */
const BOOKS = ["blocks", "records", "accounts"];

/**
 * Copies sources, then agents one after another, each locked meanwhile. Named agents take their attached sources along;
 * "all" takes all sources and the other records.
 *
 * @param options.owner The owner of the agents in the target database.
 */
export async function* moveAgents(
  house: House,
  names: readonly string[] | "all",
  { to, signal, owner }: MoveOptions & { readonly owner: string },
): AsyncGenerator<Moved, void, void> {
  const target: Owner = to.includes("://")
    ? { home: house.home, database: { url: to, owner } }
    : { home: homeAt(to, {}) };
  const move = await createMove(house, target, house);
  try {
    for (const name of names === "all" ? await house.sources.names() : await attachedTo(house, names)) {
      yield await move.source(name, signal);
    }
    for (const name of names === "all" ? (await house.repository.list()).map((entry) => entry.name) : names) {
      // Opening repairs the agent and locks it.
      const opened = await house.repository.open(name);
      try {
        yield await move.agent(name, signal);
      } finally {
        await opened.release();
      }
    }
    for (const book of names === "all" ? BOOKS : []) {
      const moved = await move.records(book);
      if (moved.moved + moved.present > 0) yield moved;
    }
  } finally {
    await move.close();
  }
}

/** The existing sources that are attached to some agents. */
async function attachedTo({ repository, sources }: House, names: readonly string[]): Promise<string[]> {
  const attached = new Set<string>();
  for (const name of names) {
    const reader = await repository.read(name);
    try {
      for (const source of (await reader.history.load())?.sources ?? []) attached.add(source);
    } finally {
      await reader.close();
    }
  }
  const existing = new Set(await sources.names());
  return [...attached].filter((name) => existing.has(name));
}
