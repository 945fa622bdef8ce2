import { type Owner, createMove } from "../compose.ts";
import type { MovedAgent } from "../ports/move.ts";
import { homeAt } from "../storage/files/paths.ts";
import type { Household } from "./household.ts";

export type MoveOptions = {
  /** Where to: `postgres://user@host:5432/name`, or the folder of a home. */
  readonly to: string;
  readonly signal?: AbortSignal | undefined;
};

/** Moves agents one after another, each held meanwhile. @param owner Whose they are in a database that they are moved to. */
export async function* moveAgents(
  house: Pick<Household, "home" | "database" | "repository">,
  names: readonly string[],
  { to, signal, owner }: MoveOptions & { readonly owner: string },
): AsyncGenerator<MovedAgent, void, void> {
  const target: Owner = to.includes("://")
    ? { home: house.home, database: { url: to, owner } }
    : { home: homeAt(to, {}) };
  const move = await createMove(house, target);
  try {
    for (const name of names) {
      // Makes the agent whole, and keeps everybody else from changing it.
      const opened = await house.repository.open(name);
      try {
        yield await move.agent(name, signal);
      } finally {
        await opened.release();
      }
    }
  } finally {
    await move.close();
  }
}
