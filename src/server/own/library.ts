import { type Agent, type CallAnswer, MemGPTError } from "../../index.ts";
import type { AgentEntry } from "../house/agents.ts";
import { Calls, restarted } from "../house/calls.ts";
import type { Owner } from "../house/owners.ts";
import { Run } from "../house/run.ts";
import { dropForgotten } from "../house/run-messages.ts";
import type { TurnItem } from "../house/turn-item.ts";
import { answered } from "../house/turns.ts";
import { eventStream, withPings, writeJson } from "../http/event-stream.ts";
import { UNFORESEEN, failureOf } from "../http/failures.ts";
import { Refusal } from "../house/refusal.ts";
import type { Service } from "../http/service.ts";
import { AGENT_METHODS } from "../wire/agent-methods.ts";
import { CONTRACTS } from "../wire/contracts.ts";
import type { Standing, TurnAsk, TurnFrame, WireError } from "../wire/library-contracts.ts";
import { callMethod, standingOf } from "./call-method.ts";
import { own } from "./route.ts";
import { storedEvents } from "./stored-events.ts";

/** A turn, and the agent's state after it. */
type Turn = { readonly run: Run; standing: Standing | null };

/** The library over HTTP. */
export function libraryRoutes({ api, runs, metrics, pingMs }: Service): void {
  const calls = new Calls();
  const turns = new WeakMap<Run, Turn>();

  own(api, CONTRACTS.makeAgent, async ({ c, owner, body }) => {
    const { name, key, isRepeat, ...options } = body;
    if (options.endpoint !== undefined && !c.get("caller").isAdmin) throw forOperators("choose a model's endpoint");
    const work = async (): Promise<{ id: string; name: string }> => {
      const isTaken = name !== undefined && (await owner.agents.list()).some((entry) => entry.name === name);
      if (isTaken) throw new MemGPTError("agent_exists", `An agent named ${name} already exists. Nothing was created.`);
      const created = await owner.agents.create(options, name === undefined ? {} : { name });
      return { id: created.id, name: created.name };
    };
    return key === undefined ? work() : calls.once(JSON.stringify([owner.id, key]), isRepeat, work);
  });

  own(api, CONTRACTS.callAgent, async ({ c, owner, entry, body }) => {
    const agent = await entry();
    const { method, arguments: args, key, isRepeat, known } = body;
    const kind = AGENT_METHODS[method];
    const choosesEndpoint =
      method === "configure" && (args[0] as { endpoint?: unknown } | null)?.endpoint !== undefined;
    if ((kind === "operates" || choosesEndpoint) && !c.get("caller").isAdmin)
      throw forOperators(choosesEndpoint ? "choose a model's endpoint" : `call ${method}`);
    const work = (): Promise<{ result: unknown; standing: Standing | null }> =>
      owner.use(agent, async (open) => {
        const result = await callMethod(open, body);
        if (method === "forget") runs.forget(owner.id, agent.id);
        return { result, standing: await standingOf(open, kind === "reads" ? known : undefined) };
      });
    if (kind === "reads" || key === undefined) return work();
    return calls.once(JSON.stringify([owner.id, agent.id, key]), isRepeat, work);
  });

  own(api, CONTRACTS.runTurn, async ({ c, owner, entry, params, body }) => {
    const agent = await entry();
    const { ask, after, isRepeat } = body;
    const found = runs.get(owner.id, params.turn_id);
    // A turn that was refused before it began is tried again.
    const isKnown = found?.agentId === agent.id && (found.hasBegun || found.status === "running");
    const turn = (isKnown ? turns.get(found) : undefined) ?? begin(owner, agent, { id: params.turn_id, ask, isRepeat });
    const { run } = turn;
    await dropForgotten(owner, run);
    await run.begun();
    if (run.status === "failed" && !run.hasBegun) throw run.error;
    return eventStream(
      c,
      async (stream) => {
        const sending = async (): Promise<void> => {
          // A new turn is sent from its start.
          for await (const part of run.from(isKnown ? after : 0)) {
            await writeJson(stream, { seq: Number(part["seq_id"]), event: part["event"] });
          }
          const error = run.error === undefined ? null : wireError(run.error);
          await writeJson(stream, { end: { error, standing: turn.standing } } satisfies TurnFrame);
        };
        await withPings(sending(), pingMs, async () => {
          await stream.write(": still here\n\n");
        });
      },
      // The turn continues without its client, which reconnects or stops it.
      () => undefined,
    );
  });

  own(api, CONTRACTS.endTurn, async ({ owner, entry, params }) => {
    const { id } = await entry();
    const run = runs.get(owner.id, params.turn_id);
    if (run?.agentId !== id) throw new MemGPTError("not_found", `There is no turn ${params.turn_id}.`);
    run.cancel();
    await run.ended();
    return { status: run.status };
  });

  own(api, CONTRACTS.exportText, async ({ owner, entry, query: { format, all } }) => {
    const { folder } = await entry();
    const chunks = owner.memgpt.exportAgent(folder, { format, all: all === "true" });
    const text = ReadableStream.from(chunks).pipeThrough(new TextEncoderStream());
    return new Response(text, {
      headers: { "content-type": "text/plain; charset=utf-8" },
    });
  });

  own(api, CONTRACTS.sourceNames, ({ owner }) => owner.memgpt.sources.names());

  function begin(
    owner: Owner,
    entry: AgentEntry,
    { id, ask, isRepeat }: { readonly id: string; readonly ask: TurnAsk; readonly isRepeat: boolean },
  ): Turn {
    const shape = (item: TurnItem): { event: unknown }[] =>
      (item.type === "stored" ? storedEvents(item.message) : [item]).map((event) => ({ event }));
    const run = new Run(entry, () => ({ shape, background: true }), { id });
    const turn: Turn = { run, standing: null };
    const work = async function* (agent: Agent): AsyncGenerator<TurnItem, void, void> {
      try {
        yield* itemsOf(agent, ask, isRepeat, run.signal);
      } finally {
        turn.standing = await standingOf(agent, undefined);
      }
    };
    turns.set(run, turn);
    runs.add(owner, run);
    void run.follow(owner.stream(entry, work, run.signal), metrics);
    return turn;
  }
}

async function* itemsOf(
  agent: Agent,
  ask: TurnAsk,
  isRepeat: boolean,
  signal: AbortSignal,
): AsyncGenerator<TurnItem, void, void> {
  const id =
    ask.kind === "send" && ask.event.type === "user_message" ? ask.event.id : ask.kind === "retry" ? ask.id : undefined;
  const known = id === undefined ? undefined : await agent.recall.get(id);
  if (known !== undefined) return yield* answered(agent, known, { signal });
  // Without an id, there is no way to know whether an earlier process handled the event.
  if (isRepeat && id === undefined) throw restarted();
  switch (ask.kind) {
    case "send":
      return yield* agent.send(ask.event, { ...ask.options, signal });
    case "retry":
      return yield* agent.retry({ ...ask.options, signal, id: ask.id, message: ask.message });
    case "answerCalls":
      // The library validates them.
      return yield* agent.answerCalls(ask.answers as CallAnswer[], { ...ask.options, signal });
    case "summarize":
      return yield* agent.summarize({ signal, hint: ask.hint });
  }
}

function wireError(error: unknown): WireError {
  const { code, detail, kept } = failureOf(error) ?? UNFORESEEN;
  return { code, detail, kept };
}

function forOperators(what: string): Refusal {
  const text = `Only an admin may ${what}: use a key made with --admin. Nothing was done.`;
  return new Refusal(403, "forbidden", text, { "x-should-retry": "false" });
}
