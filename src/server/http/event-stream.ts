import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";

/**
 * Server-sent events. `write` may go on after the client has gone, which `onGone` tells at once.
 *
 * @param onGone Called if the client leaves before the end.
 */
export function eventStream(
  c: Context,
  write: (stream: SSEStreamingApi) => Promise<void>,
  onGone: () => void,
): Response {
  // A proxy that gathers an answer before it passes it on would gather it to the end.
  c.header("X-Accel-Buffering", "no");
  c.header("Cache-Control", "no-cache");
  return streamSSE(c, async (stream) => {
    let isOver = false;
    stream.onAbort(() => {
      if (!isOver) onGone();
    });
    await write(stream);
    isOver = true;
  });
}

/** Writes one event of JSON, without a name: the clients of Letta pass over events that have one. */
export async function writeJson(stream: SSEStreamingApi, value: unknown, event?: string): Promise<void> {
  await stream.writeSSE({ data: JSON.stringify(value), ...(event === undefined ? {} : { event }) });
}

/** Runs `ping` again and again until `work` is done. */
export async function withPings(work: Promise<void>, milliseconds: number, ping: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => void ping(), milliseconds);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
}
