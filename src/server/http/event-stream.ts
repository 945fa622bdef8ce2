import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";

/**
 * Streams server-sent events. `write` may continue after the client has disconnected.
 *
 * @param onGone Called at once if the client disconnects before the end.
 */
export function eventStream(
  c: Context,
  write: (stream: SSEStreamingApi) => Promise<void>,
  onGone: () => void,
): Response {
  // Otherwise nginx buffers the whole stream before passing it on.
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

/** Writes one JSON event. Letta's clients skip events that have a name. */
export async function writeJson(stream: SSEStreamingApi, value: unknown, event?: string): Promise<void> {
  await stream.writeSSE({ data: JSON.stringify(value), ...(event === undefined ? {} : { event }) });
}

/** Calls `ping` every `milliseconds` until `work` settles. */
export async function withPings(work: Promise<void>, milliseconds: number, ping: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => void ping(), milliseconds);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
}
