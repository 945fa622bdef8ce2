import type { FeedEvent } from "../../wire/feed.ts";
import { CallError, send } from "./call.ts";

/** `denied`: the key is no longer valid. */
export type Connection = "connecting" | "open" | "lost" | "denied";

type Follower = {
  readonly onEvent: (event: FeedEvent) => void;
  readonly onConnection: (connection: Connection) => void;
};

/** After longer silence the connection counts as dead: the server pings every 20 seconds. */
const SILENCE_MS = 50_000;
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 8000;

/** Follows the server's events, and reconnects until `signal` is aborted. */
export async function follow(signal: AbortSignal, { onEvent, onConnection }: Follower): Promise<void> {
  let wait = FIRST_WAIT_MS;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      await readEvents(signal, (event) => {
        wait = FIRST_WAIT_MS;
        onConnection("open");
        onEvent(event);
      });
    } catch (error) {
      if (error instanceof CallError && error.status === 401) {
        onConnection("denied");
        return;
      }
    }
    if (!isOver()) {
      onConnection("lost");
      await pause(wait, signal);
    }
    wait = Math.min(LONGEST_WAIT_MS, wait * 2);
  }
}

async function readEvents(signal: AbortSignal, onEvent: (event: FeedEvent) => void): Promise<void> {
  const silence = new AbortController();
  const stop = AbortSignal.any([signal, silence.signal]);
  const { body } = await send("/v1/events", { signal: stop });
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const timer = setTimeout(() => {
      silence.abort();
    }, SILENCE_MS);
    const { done, value } = await reader.read().finally(() => {
      clearTimeout(timer);
    });
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const data = part.split("\n").flatMap((line) => (line.startsWith("data: ") ? [line.slice(6)] : []));
      if (data.length > 0) onEvent(JSON.parse(data.join("\n")) as FeedEvent);
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    window.addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}
