import type { Context } from "hono";
import type { Env } from "./api.ts";

/** Marks a forwarded request, which is not forwarded again. */
const PASSED_ON = "x-memgpt-passed-on";

/** Headers of the connection, and of the request's origin: the other server would refuse this server's page. */
const NOT_PASSED = [
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "origin",
  "referer",
  "transfer-encoding",
  "upgrade",
];

/** Milliseconds to wait for another server's list. */
const ANSWERED_WITHIN = 5_000;

/** Whether another server of the database forwarded the request. */
export function isPassedOn(c: Context): boolean {
  return c.req.header(PASSED_ON) !== undefined;
}

type Asked = { readonly method: string; readonly path: string };

/** The request to forward: the caller's own, or another one in the caller's name. */
export async function requestFor(
  c: Context,
  { method, path }: Asked,
): Promise<{ readonly path: string; readonly init: RequestInit }> {
  const headers = new Headers(c.req.raw.headers);
  for (const name of NOT_PASSED) headers.delete(name);
  headers.set(PASSED_ON, "1");
  const body = method === "GET" || method === "HEAD" ? null : await c.req.arrayBuffer();
  return { path, init: { method, headers, body, redirect: "manual" } };
}

/** The request's method, and its path with the query. */
export function askedFor(c: Context): Asked {
  const { pathname, search } = new URL(c.req.url);
  return { method: c.req.method, path: pathname + search };
}

/** The URL of another server, and its response. Its version may differ from this server's by one. */
type AnswerOfOther = { readonly server: string; readonly body: unknown };

/**
 * Sends the caller's request, or `asked` in the caller's name, to the other servers of the database. A forwarded request is not
 * sent to anyone.
 *
 * @returns the successful answers.
 */
export async function fromOthers(c: Context<Env>, asked: Asked = askedFor(c)): Promise<AnswerOfOther[]> {
  const others = isPassedOn(c) ? [] : ((await c.get("owner").memgpt.database?.others()) ?? []);
  if (others.length === 0) return [];
  const { path, init } = await requestFor(c, asked);
  const answers = await Promise.all(
    others.map(async ({ address }) => {
      const server = address.replace(/\/$/, "");
      try {
        const signal = AbortSignal.timeout(ANSWERED_WITHIN);
        const answer = await fetch(server + path, { ...init, signal });
        return answer.ok ? [{ server, body: await answer.json() }] : [];
      } catch {
        return [];
      }
    }),
  );
  return answers.flat();
}
