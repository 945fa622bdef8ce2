import type { Context } from "hono";
import type { Env } from "../http/api.ts";
import { fromOthers, isPassedOn } from "../http/others.ts";
import type { Runs } from "../house/runs.ts";
import { type RunJson, runJson } from "./shapes.ts";

/** The runs of the caller's agents on all servers of the database, oldest first. */
export async function allRuns(c: Context<Env>, runs: Runs): Promise<RunJson[]> {
  const owner = c.get("owner");
  const here = runs.all(owner.id).map(runJson);
  if (isPassedOn(c)) return here;
  const answers = await fromOthers(c, { method: "GET", path: "/v1/runs?limit=1000&order=desc" });
  const known = [...here, ...answers.flatMap(({ body }) => body as RunJson[])];
  const ids = new Set(known.map(({ id }) => id));
  const noted = (await runs.noted(owner)).map(runJson).filter(({ id }) => !ids.has(id));
  return [...known, ...noted].sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
}

/** Forwards a request to stop turns to the other servers. @returns the outcome of each turn that they carried out. */
export async function cancelledElsewhere(c: Context<Env>): Promise<Record<string, string>> {
  const answers = await fromOthers(c);
  return Object.fromEntries(answers.flatMap(({ body }) => Object.entries(body as Record<string, string>)));
}

/** The address of the server that has the conversation's newest run, if it is another one and the run began after `since`. */
export async function holderOfNewest(
  c: Context<Env>,
  conversation: string,
  since: string,
): Promise<string | undefined> {
  const query = new URLSearchParams({ conversation_id: conversation, limit: "1", order: "desc" });
  const answers = await fromOthers(c, { method: "GET", path: `/v1/runs?${query.toString()}` });
  const newest = answers
    .map(({ server, body }) => ({ server, at: (body as RunJson[])[0]?.created_at ?? "" }))
    .sort((a, b) => (a.at < b.at ? 1 : -1))[0];
  return newest !== undefined && newest.at > since ? newest.server : undefined;
}
