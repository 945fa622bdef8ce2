import type { Queryable } from "./database.ts";

/** Makes the rows of an agent, which remembers nothing yet. @returns its number; undefined if the name is taken. */
export async function addAgent(database: Queryable, owner: string, name: string): Promise<number | undefined> {
  const [row] = await database.query<{ agent: number }>(
    `WITH named AS (
       INSERT INTO agents (owner, name) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING agent
     ), begun AS (INSERT INTO heads (agent) SELECT agent FROM named)
     SELECT agent FROM named`,
    [owner, name],
  );
  return row?.agent;
}
