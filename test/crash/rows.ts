import { agentNamed } from "../../src/storage/postgres/agents.ts";
import { PgAgentStore } from "../../src/storage/postgres/agent-store.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { LOCAL } from "../../src/host/settle.ts";
import { type Acknowledged, type Autopsy, type Findings, judge } from "./autopsy.ts";
import { numbersIn, tokenOf } from "./messages.ts";

/** Looks at the rows of an agent that nobody has open. Undefined if there is no such agent. */
export async function examineRows(
  database: Database,
  name: string,
  acknowledged: Acknowledged,
): Promise<Autopsy | undefined> {
  const agent = await agentNamed(database, LOCAL, name);
  if (agent === undefined) return undefined;
  const findings: Findings = { integrity: [], lost: [], halfSteps: [] };
  await checkHead(database, agent, findings.integrity);
  await checkSearch(database, agent, findings.integrity);
  const rows = async <Row>(sql: string): Promise<Row[]> => database.query<Row>(sql, [agent]);
  const texts = async (sql: string): Promise<string[]> =>
    (await rows<{ it: string }>(`SELECT ${sql}`)).map(({ it }) => it);
  const remains = {
    state: (await texts("state AS it FROM heads WHERE agent = $1 AND state IS NOT NULL"))[0],
    messages: await texts("json AS it FROM messages WHERE agent = $1 AND live ORDER BY seq"),
    journal: await rows("SELECT * FROM journal WHERE agent = $1 ORDER BY op"),
    ids: {
      message: await texts("id AS it FROM messages WHERE agent = $1"),
      passage: await texts("id AS it FROM passages WHERE agent = $1"),
    },
    checkpoints: await rows<{ file: string; json: string }>(
      "SELECT file, json FROM checkpoints WHERE agent = $1 ORDER BY file",
    ),
  };
  return judge(remains, acknowledged, findings);
}

/** What the head says of the rows is so. Numbers of actions may have gaps. */
async function checkHead(database: Database, agent: number, faults: string[]): Promise<void> {
  const [rows] = await database.query<{ differing: string[] }>(
    `WITH counts AS (
       SELECT count(*) FILTER (WHERE live) AS messages, count(*) FILTER (WHERE live AND n IS NOT NULL) AS said,
              coalesce(sum(terms) FILTER (WHERE live AND n IS NOT NULL), 0) AS said_terms FROM messages WHERE agent = $1
     )
     SELECT array_remove(ARRAY[
       CASE WHEN h.messages <> c.messages THEN 'messages' END, CASE WHEN h.said <> c.said THEN 'said' END,
       CASE WHEN h.said_terms <> c.said_terms THEN 'said_terms' END,
       CASE WHEN h.passages <> (SELECT count(*) FROM passages WHERE agent = $1 AND live) THEN 'passages' END,
       CASE WHEN h.op <> (SELECT coalesce(max(op), 0) FROM journal WHERE agent = $1) THEN 'op' END,
       CASE WHEN h.action < (SELECT coalesce(max(seq), 0) FROM actions WHERE agent = $1) THEN 'action' END
     ], NULL) AS differing FROM heads h, counts c WHERE h.agent = $1`,
    [agent],
  );
  for (const name of rows?.differing ?? ["everything"]) faults.push(`${name} of the head does not fit the rows`);
}

/** Lines that are there are found by their marks. */
async function checkSearch(database: Database, agent: number, faults: string[]): Promise<void> {
  const lines = await database.query<{ id: string; text: string }>(
    "SELECT id, text FROM messages WHERE agent = $1 AND live AND n IS NOT NULL ORDER BY random() LIMIT 12",
    [agent],
  );
  const { recall } = new PgAgentStore(database, { agent, fence: -1 });
  for (const { id, text } of lines) {
    for (const number of numbersIn(text)) {
      const { items } = await recall.search({ text: tokenOf(number) }, { page: 0, size: 50 });
      if (!items.some((found) => found.id === id)) faults.push(`${tokenOf(number)} is not found in ${id}`);
    }
  }
}
