/** Marks what the person neither wrote nor sees, as the engine marks its own messages. */
const HIDDEN = "[This is an automated system message hidden from the user]";

/** What the agent is told when nobody has written for the time of `--heartbeat-every`. */
export const TIMED_HEARTBEAT =
  `${HIDDEN} Timed heartbeat: nobody has written for a while. Think, tend your memory, or say something with ` +
  "send_message if it is worth saying; otherwise do nothing.";

/** What the agent is told by `/heartbeat`. */
export const ASKED_HEARTBEAT =
  `${HIDDEN} Heartbeat: the person gives you a moment of your own. Think, tend your memory, or say something with ` +
  "send_message if it is worth saying; otherwise do nothing.";

/** What decides when an idle agent is woken. Times are in milliseconds since 1970. */
export type Idle = {
  /** The interval of `--heartbeat-every`, in milliseconds. */
  readonly every: number;
  /** When something last happened: a turn ended, a key was pressed. */
  readonly since: number;
  /** Whether the prompt holds text. */
  readonly typing: boolean;
  /** Until when the agent has paused its heartbeats, ISO 8601. */
  readonly pausedUntil: string | null;
};

/**
 * @returns milliseconds from `now` until the next timed heartbeat; 0 if it is due. While somebody is typing it is never
 *   due: then this is when to look again.
 */
export function untilHeartbeat({ every, since, typing, pausedUntil }: Idle, now: number): number {
  if (typing) return every;
  const paused = pausedUntil === null ? NaN : Date.parse(pausedUntil);
  const due = Number.isNaN(paused) ? since + every : Math.max(since + every, paused);
  return Math.max(0, due - now);
}

/** The longest time that a timer of Node can wait, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** Calls `wake` once, when the next heartbeat is due by what `idle` then says. @returns what ends the waiting. */
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
