import type { Context } from "hono";
import type { AgentHeldError } from "../../index.ts";
import { Refusal } from "../house/refusal.ts";

/** Marks what was passed on once: it goes no further. */
const PASSED_ON = "x-memgpt-passed-on";

/** What is about one connection, and where it came from: the other server would refuse pages of this one. */
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

/** Milliseconds within which a server that is alive says so. */
const ALIVE_WITHIN = 2_000;

/**
 * Passes a request on to the server that has the agent open, and its answer back as it comes.
 *
 * @returns undefined where nothing was sent: the holder is no server, does not answer, or passed it on itself; a refusal where it
 *   broke off before it answered.
 */
export async function passOn(c: Context, { holder }: AgentHeldError): Promise<Response | Refusal | undefined> {
  if (holder === undefined || c.req.header(PASSED_ON) !== undefined) return undefined;
  const server = holder.replace(/\/$/, "");
  if (!(await isAlive(server))) return undefined;
  const { method, url, signal } = c.req.raw;
  const headers = new Headers(c.req.raw.headers);
  for (const name of NOT_PASSED) headers.delete(name);
  headers.set(PASSED_ON, "1");
  const { pathname, search } = new URL(url);
  const body = method === "GET" || method === "HEAD" ? null : await c.req.arrayBuffer();
  try {
    const answer = await fetch(server + pathname + search, {
      ...{ method, headers, body, signal },
      redirect: "manual",
    });
    const given = new Headers(answer.headers);
    // The body has been unpacked.
    for (const name of ["connection", "content-encoding", "content-length", "transfer-encoding"]) given.delete(name);
    return new Response(answer.body, { status: answer.status, headers: given });
  } catch {
    return new Refusal(
      502,
      "server_unavailable",
      "The server that has the agent open broke off. Whether the request was carried out is not known; look before you repeat it.",
      { "x-should-retry": "false" },
    );
  }
}

async function isAlive(server: string): Promise<boolean> {
  try {
    await fetch(`${server}/v1/health`, { signal: AbortSignal.timeout(ALIVE_WITHIN) });
    return true;
  } catch {
    return false;
  }
}
