import { MemGPT, MemGPTError } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { onTestFinished } from "vitest";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";
import { temporaryFolder } from "../support/agents.ts";
import { databaseUrl } from "../support/postgres.ts";
import { type Cut, CuttingProxy } from "./cutting-proxy.ts";

/** More statements than a session has. */
const MOST = 200;

type Session<Prepared, Told> = {
  /** Runs uncut. `name` is new each time. */
  readonly prepare: (url: string, name: string) => Promise<Prepared>;
  /** What a connection is cut in. @returns what was reported as done. */
  readonly run: (prepared: Prepared) => Promise<Told>;
  /** Runs uncut, with the same address. */
  readonly check: (url: string, prepared: Prepared, told: Told, cut: Cut) => Promise<void>;
};

/** Repeats a session, cutting a connection one statement later each time, until it ends before the cut. @returns the number of cuts. */
export async function cutAtEach<Prepared, Told>(
  when: Cut["when"],
  { prepare, run, check }: Session<Prepared, Told>,
): Promise<number> {
  const { proxy, url } = await CuttingProxy.before(await databaseUrl());
  for (let at = 1; at < MOST; at += 1) {
    const prepared = await prepare(url, `s${at}`);
    proxy.begin({ at, when });
    const told = await run(prepared);
    if (proxy.isWaiting) return at - 1;
    proxy.begin(undefined);
    await check(url, prepared, told, { at, when });
  }
  throw new Error(`The session has more than ${MOST} statements.`);
}

/** Whether `work` was reported as done. */
export async function isDone(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof MemGPTError) return false;
    throw error;
  }
}

/** A process of its own on the database. */
export async function home(url: string): Promise<MemGPT> {
  const answers = ["One.", "Two.", "Three."].map((message) => ({ call: "send_message", args: { message } }));
  const llm = (): ScriptedLlm => new ScriptedLlm([...answers, ...answers]);
  const memgpt = await MemGPT.open({ dir: temporaryFolder(), env: {}, database: url, llm });
  onTestFinished(() => memgpt.close());
  return memgpt;
}

/** Agents and sources whose rows disagree with what their heads say of them. */
export async function broken(url: string): Promise<unknown[]> {
  const pool = new PgDatabase({ url, mostConnections: 1 });
  const rows = await pool.query(
    `SELECT h.agent FROM heads h WHERE
       h.messages <> (SELECT count(*) FROM messages m WHERE m.agent = h.agent AND m.live)
       OR h.passages <> (SELECT count(*) FROM passages p WHERE p.agent = h.agent AND p.live)
       OR (h.op <> (SELECT coalesce(max(j.op), 0) FROM journal j WHERE j.agent = h.agent)
         AND NOT EXISTS (SELECT FROM sources s WHERE s.agent = h.agent))
       OR NOT EXISTS (SELECT FROM agents a WHERE a.agent = h.agent)
     UNION ALL SELECT d.agent FROM documents d WHERE d.complete AND
       d.passages <> (SELECT count(*) FROM places p WHERE p.agent = d.agent AND p.document = d.id)`,
  );
  await pool.close();
  return rows;
}
