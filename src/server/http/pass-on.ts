import type { Context } from "hono";
import type { AgentHeldError } from "../../index.ts";
import type { ElsewhereError } from "../house/elsewhere.ts";
import { Refusal } from "../house/refusal.ts";
import { askedFor, isPassedOn, requestFor } from "./others.ts";

/** Milliseconds within which a live server answers its health check. */
const ALIVE_WITHIN = 2_000;

/**
 * Forwards a request to the server that has the agent open, and streams its response back.
 *
 * @returns undefined if nothing was sent: the holder is not a server, does not answer, or has forwarded the request itself; a
 *   refusal if the holder closed the connection, or does not answer and its hold runs out soon.
 */
export async function passOn(
  c: Context,
  caught: AgentHeldError | ElsewhereError,
): Promise<Response | Refusal | undefined> {
  const { holder } = caught;
  if (holder === undefined || isPassedOn(c)) return undefined;
  const server = holder.replace(/\/$/, "");
  if (!(await isAlive(server))) return "hold" in caught ? silent(caught) : undefined;
  const { path, init } = await requestFor(c, askedFor(c));
  try {
    const answer = await fetch(server + path, { ...init, signal: c.req.raw.signal });
    const responseHeaders = new Headers(answer.headers);
    // `fetch` has decoded the body already.
    for (const name of ["connection", "content-encoding", "content-length", "transfer-encoding"]) {
      responseHeaders.delete(name);
    }
    return new Response(answer.body, { status: answer.status, headers: responseHeaders });
  } catch {
    return new Refusal(
      502,
      "server_unavailable",
      "The server that has the agent open closed the connection. The request may have been carried out: check before you repeat it.",
      { "x-should-retry": "false" },
    );
  }
}

/** For a holder that does not answer: when its hold ends, another process can take the agent. */
function silent({ holder = "", hold }: AgentHeldError): Refusal | undefined {
  if (hold === undefined) return undefined;
  const { until, renewedAt, secondsLeft: left } = hold;
  const text =
    `The agent is held until ${until} UTC by the server at ${holder}, which does not answer and last renewed its hold at ${renewedAt}. ` +
    `Nothing was done. Try again in ${left} ${left === 1 ? "second" : "seconds"}: unless that server renews its hold, this one takes the agent over.`;
  return new Refusal(503, "agent_locked", text, { "retry-after": String(left), "x-memgpt-holder": holder });
}

async function isAlive(server: string): Promise<boolean> {
  try {
    await fetch(`${server}/v1/health`, { signal: AbortSignal.timeout(ALIVE_WITHIN) });
    return true;
  } catch {
    return false;
  }
}
