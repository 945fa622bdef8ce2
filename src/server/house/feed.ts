import { randomUUID } from "node:crypto";
import type { AgentEvent } from "../../index.ts";
import type { FeedEvent } from "../wire/feed.ts";

/** Events that a follower may lag behind before it is disconnected; it then starts over. */
const MOST_BEHIND = 20_000;

/** Broadcasts what one user's agents do. */
export class Feed {
  readonly #server = randomUUID();
  readonly #followers = new Set<Follower>();
  /** The events of each running turn so far, by the agent's id, with deltas joined. */
  readonly #turns = new Map<string, AgentEvent[]>();

  get isFollowed(): boolean {
    return this.#followers.size > 0;
  }

  isBusy(agent: string): boolean {
    return this.#turns.has(agent);
  }

  event(agent: string, event: AgentEvent): void {
    const events = this.#turns.get(agent) ?? [];
    this.#turns.set(agent, events);
    const joined = join(events.at(-1), event);
    if (joined === undefined) events.push(event);
    else events[events.length - 1] = joined;
    this.#broadcast({ type: "turn", agent, event });
  }

  over(agent: string, how: "done" | "stopped" | "failed", detail = ""): void {
    if (!this.#turns.delete(agent)) return;
    this.#broadcast({ type: "turn_over", agent, how, detail });
  }

  changed(agent: string): void {
    this.#broadcast({ type: "changed", agent });
  }

  forgot(agent: string): void {
    this.#broadcast({ type: "forgot", agent });
  }

  roster(): void {
    this.#broadcast({ type: "roster" });
  }

  /** The events of running turns so far, then every event as it happens. */
  async *follow(signal: AbortSignal): AsyncGenerator<FeedEvent, void, void> {
    const follower = new Follower();
    follower.add({ type: "hello", server: this.#server });
    for (const [agent, events] of this.#turns) for (const event of events) follower.add({ type: "turn", agent, event });
    this.#followers.add(follower);
    const leave = (): void => {
      follower.end();
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      yield* follower.events();
    } finally {
      signal.removeEventListener("abort", leave);
      this.#followers.delete(follower);
    }
  }

  close(): void {
    for (const follower of this.#followers) follower.end();
  }

  #broadcast(event: FeedEvent): void {
    for (const follower of this.#followers) follower.add(event);
  }
}

class Follower {
  #waiting: FeedEvent[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;

  add(event: FeedEvent): void {
    if (this.#waiting.length >= MOST_BEHIND) this.#isOver = true;
    else this.#waiting.push(event);
    this.#wake?.();
  }

  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  async *events(): AsyncGenerator<FeedEvent, void, void> {
    for (;;) {
      const events = this.#waiting;
      this.#waiting = [];
      yield* events;
      if (this.#waiting.length > 0) continue;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Two consecutive deltas of the same text as one; undefined for anything else. */
function join(last: AgentEvent | undefined, next: AgentEvent): AgentEvent | undefined {
  if (last?.type === "internal_monologue_delta" && next.type === last.type) {
    return { ...last, text: last.text + next.text };
  }
  if (last?.type === "assistant_message_delta" && next.type === last.type && next.call === last.call) {
    return { ...last, text: last.text + next.text };
  }
  return undefined;
}
