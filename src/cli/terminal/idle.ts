/** Marks a message that the person neither wrote nor sees, as the engine marks its own. */
const HIDDEN = "[This is an automated system message hidden from the user]";

/** The heartbeat that the agent reads after `--heartbeat-every` without a message. */
export const TIMED_HEARTBEAT =
  `${HIDDEN} Timed heartbeat: nobody has written for a while. Think, tend your memory, or say something with ` +
  "send_message if it is worth saying; otherwise do nothing.";

/** The heartbeat that the agent reads on `/heartbeat`. */
export const ASKED_HEARTBEAT =
  `${HIDDEN} Heartbeat: the person gives you a moment of your own. Think, tend your memory, or say something with ` +
  "send_message if it is worth saying; otherwise do nothing.";

/** What decides when to wake an idle agent. */
export type Idle = {
  /** The interval of `--heartbeat-every`, in milliseconds. */
  readonly every: number;
  /** Time of the last activity (a finished turn, a key), in milliseconds since 1970. */
  readonly since: number;
  /** Whether the prompt holds text. */
  readonly typing: boolean;
  /** End of a pause that the agent asked for, ISO 8601. */
  readonly pausedUntil: string | null;
};

/**
 * @returns milliseconds from `now` until the next timed heartbeat; 0 if it is due. While the person is typing it is never
 *   due, and this is when to check again.
 */
export function untilHeartbeat({ every, since, typing, pausedUntil }: Idle, now: number): number {
  if (typing) return every;
  const paused = pausedUntil === null ? NaN : Date.parse(pausedUntil);
  const due = Number.isNaN(paused) ? since + every : Math.max(since + every, paused);
  return Math.max(0, due - now);
}

/** The longest delay of a Node timer, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** Calls `wake` once the heartbeat is due, checking `idle` again whenever it may be. @returns a function that cancels. */
export function onIdle(idle: () => Idle, wake: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const wait = untilHeartbeat(idle(), Date.now());
    if (wait === 0) wake();
    else timer = setTimeout(look, Math.min(wait, LONGEST_WAIT));
  };
  look();
  return () => {
    clearTimeout(timer);
  };
}
