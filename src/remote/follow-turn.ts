import { randomUUID } from "node:crypto";
import type { AgentEvent } from "../index.ts";
import type { Standing, TurnAsk } from "../server/wire/library-contracts.ts";
import { Busy, type Connection, Unreachable, errorOf, interrupted, pause } from "./connection.ts";
import { framesOf } from "./frames.ts";

const FIRST_WAIT = 200;
const LONGEST_WAIT = 5000;

/** Milliseconds to try to stop a turn. */
const STOP_WITHIN = 3000;

export type FollowedTurn = {
  readonly connection: Connection;
  readonly agentId: string;
  readonly ask: TurnAsk;
  readonly signal: AbortSignal | undefined;
  /** Receives the agent's state after the turn. */
  readonly onStanding: (standing: Standing) => void;
};

/**
 * Runs a turn on the server and yields its events as they arrive. If the connection breaks, the turn goes on there; the client
 * reconnects and receives what it missed, after a `retry` event. After a restart of the server, the request is repeated under
 * the same id, so that nothing is stored twice.
 *
 * @throws MemGPTError as the turn does on the server; `server_unavailable` if the server stays away.
 */
export async function* followTurn(turn: FollowedTurn): AsyncGenerator<AgentEvent, void, void> {
  const { signal } = turn;
  const following = new Following(turn);
  const stop = (): void => void following.stop();
  if (signal?.aborted === true) throw interrupted("nothing");
  signal?.addEventListener("abort", stop, { once: true });
  try {
    yield* following.events();
  } finally {
    signal?.removeEventListener("abort", stop);
    // The caller has stopped listening: as with an agent of this process, the turn ends.
    if (!following.isOver) await following.stop();
  }
}

class Following {
  readonly #turn: FollowedTurn;
  readonly #params: { readonly agent_id: string; readonly turn_id: string };
  /** Number of the last event received, and of the last one that is not provisional. */
  #received = 0;
  #confirmed = 0;
  #isRepeat = false;
  #reply: string | null = null;
  #hasEnded = false;
  isOver = false;

  constructor(turn: FollowedTurn) {
    this.#turn = turn;
    this.#params = { agent_id: turn.agentId, turn_id: `run-${randomUUID()}` };
  }

  async *events(): AsyncGenerator<AgentEvent, void, void> {
    const { connection, signal } = this.#turn;
    let until = performance.now() + connection.patienceMs;
    let wait = FIRST_WAIT;
    while (!this.isOver) {
      try {
        for await (const event of this.#connected()) {
          until = performance.now() + connection.patienceMs;
          wait = FIRST_WAIT;
          yield event;
        }
      } catch (error) {
        const busyFor = error instanceof Busy ? error.wait : undefined;
        if (!(error instanceof Unreachable) && busyFor === undefined) throw this.#over(error);
        this.#isRepeat ||= error instanceof Unreachable && !error.isUnsent;
        const reason = error instanceof Error ? error.message : "";
        if (signal?.aborted === true) throw this.#over(interrupted(this.#isRepeat ? "unknown" : "nothing"));
        if (performance.now() + (busyFor ?? wait) > until) {
          throw this.#over(connection.unavailable(reason, this.#isRepeat));
        }
        // The step's provisional events will be sent again.
        this.#received = this.#confirmed;
        yield {
          type: "retry",
          reason: busyFor === undefined ? `the server does not answer (${reason})` : reason,
          seconds: (busyFor ?? wait) / 1000,
        };
        await pause(busyFor ?? wait, signal, this.#isRepeat).catch((stopped: unknown) => {
          throw this.#over(stopped);
        });
        wait = Math.min(LONGEST_WAIT, wait * 2);
      }
    }
  }

  /** Stops the turn on the server, if it can be reached. */
  async stop(): Promise<void> {
    const signal = AbortSignal.timeout(STOP_WITHIN);
    const route = "delete /v1/agents/{agent_id}/turns/{turn_id}";
    // Fails if the turn is over or never began.
    await this.#turn.connection.once(route, { params: this.#params, signal }).catch(() => undefined);
  }

  async *#connected(): AsyncGenerator<AgentEvent, void, void> {
    const { connection, ask, onStanding } = this.#turn;
    const body = { ask, after: this.#received, isRepeat: this.#isRepeat };
    const route = "put /v1/agents/{agent_id}/turns/{turn_id}";
    const response = await connection.once(route, { params: this.#params, body });
    this.#isRepeat = true;
    for await (const frame of framesOf(response)) {
      if ("end" in frame) {
        const { error, standing } = frame.end;
        this.isOver = true;
        if (standing !== null) onStanding(standing);
        if (error !== null) throw errorOf(error);
        if (!this.#hasEnded && ask.kind !== "summarize") yield this.#endOfStored();
        return;
      }
      this.#received = frame.seq;
      const { event } = frame;
      if (!PROVISIONAL.has(event.type)) this.#confirmed = frame.seq;
      if (event.type === "assistant_message") this.#reply = event.text;
      if (event.type === "turn_end") this.#hasEnded = true;
      yield event;
    }
  }

  /** The end of a turn run by an earlier process of the server, which stored the turn but not its costs. */
  #endOfStored(): AgentEvent {
    const spent = { requests: 0, prompt: 0, completion: 0, cached: 0, cost: 0, unpriced: 0 };
    return { type: "turn_end", steps: 0, outcome: "done", reply: this.#reply, spent, durationMs: 0 };
  }

  #over(error: unknown): unknown {
    this.isOver = true;
    return error;
  }
}

const PROVISIONAL: ReadonlySet<AgentEvent["type"]> = new Set<AgentEvent["type"]>([
  "step_start",
  "internal_monologue_delta",
  "assistant_message_delta",
]);
