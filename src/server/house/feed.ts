import { randomUUID } from "node:crypto";
import type { AgentEvent } from "../../index.ts";
import type { FeedEvent } from "../wire/feed.ts";

/** Events that a follower may lag behind; one that lags further is disconnected and starts over. */
const MOST_BEHIND = 20_000;

/** Tells everybody who follows what the agents of one user do. */
export class Feed {
  readonly #server = randomUUID();
  readonly #followers = new Set<Follower>();
  /** What each running turn has said so far, by the agent's id. */
  readonly #turns = new Map<string, AgentEvent[]>();

  get isFollowed(): boolean {
    return this.#followers.size > 0;
  }

  isBusy(agent: string): boolean {
    return this.#turns.has(agent);
  }

  event(agent: string, event: AgentEvent): void {
    const said = this.#turns.get(agent) ?? [];
    this.#turns.set(agent, said);
    const joined = join(said.at(-1), event);
    if (joined === undefined) said.push(event);
    else said[said.length - 1] = joined;
    this.#tell({ type: "turn", agent, event });
  }

  over(agent: string, how: "done" | "stopped" | "failed", detail = ""): void {
    if (!this.#turns.delete(agent)) return;
    this.#tell({ type: "turn_over", agent, how, detail });
  }

  changed(agent: string): void {
    this.#tell({ type: "changed", agent });
  }

  forgot(agent: string): void {
    this.#tell({ type: "forgot", agent });
  }

  roster(): void {
    this.#tell({ type: "roster" });
  }

  /** Every event from now on, after what running turns have said. */
  async *follow(signal: AbortSignal): AsyncGenerator<FeedEvent, void, void> {
    const follower = new Follower();
    follower.add({ type: "hello", server: this.#server });
    for (const [agent, said] of this.#turns) for (const event of said) follower.add({ type: "turn", agent, event });
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

  #tell(event: FeedEvent): void {
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

/** Deltas that follow one another, as one. */
function join(last: AgentEvent | undefined, next: AgentEvent): AgentEvent | undefined {
  if (last?.type === "internal_monologue_delta" && next.type === last.type) {
    return { ...last, text: last.text + next.text };
  }
  if (last?.type === "assistant_message_delta" && next.type === last.type && next.call === last.call) {
    return { ...last, text: last.text + next.text };
  }
  return undefined;
}
