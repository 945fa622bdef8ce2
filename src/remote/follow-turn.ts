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
  /** Gets the agent as it is after the turn. */
  readonly onStanding: (standing: Standing) => void;
};

/**
 * Runs a turn on the server and yields its events as they come. If the connection breaks, the turn goes on there: the client
 * comes back and hears what it missed, and a `retry` event says so. A server that was restarted is asked again under the same
 * name, so that it stores nothing twice.
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
  /** Number of the last event heard, and of the last one before anything provisional was shown. */
  #heard = 0;
  #sure = 0;
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
        // What was shown of the step is heard again.
        this.#heard = this.#sure;
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
    // It may be over or may never have begun.
    await this.#turn.connection.once(route, { params: this.#params, signal }).catch(() => undefined);
  }

  async *#connected(): AsyncGenerator<AgentEvent, void, void> {
    const { connection, ask, onStanding } = this.#turn;
    const body = { ask, after: this.#heard, isRepeat: this.#isRepeat };
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
      this.#heard = frame.seq;
      const { event } = frame;
      if (!PROVISIONAL.has(event.type)) this.#sure = frame.seq;
      if (event.type === "assistant_message") this.#reply = event.text;
      if (event.type === "turn_end") this.#hasEnded = true;
      yield event;
    }
  }

  /** The end of a turn that an earlier process of the server ran: it was stored, but not what it took. */
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
