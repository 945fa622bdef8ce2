import type { Context } from "hono";
import * as z from "zod";
import type { SendOptions } from "../../index.ts";
import type { Env } from "../http/api.ts";
import { eventStream, withPings, writeJson } from "../http/event-stream.ts";
import { asClientKnows } from "../http/former-clients.ts";
import { UNFORESEEN, failureOf } from "../http/failures.ts";
import { type PageQuery, pageOfAll } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Models } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";
import { type Part, Run } from "../house/run.ts";
import { deferralOf } from "../house/deferral.ts";
import { keepingPassages } from "../house/threads.ts";
import { dropForgotten } from "../house/run-messages.ts";
import { runTurn } from "../house/turns.ts";
import { type SendMessage, inputOf } from "./message-requests.ts";
import { TurnParts, partsOf } from "./parts.ts";
import { partsOfRun } from "./run-parts.ts";
import { usageJson } from "./shapes.ts";

export type Sent = {
  readonly owner: Owner;
  readonly entry: AgentEntry;
  readonly request: SendMessage;
  readonly isStream: boolean;
  readonly conversationId?: string | undefined;
  /** Id of the agent, if `entry` only holds the conversation's messages. */
  readonly agentId?: string | undefined;
};

/** Starts a turn, which runs independently of the request. */
export async function startRun(c: Context<Env>, service: Service, sent: Sent): Promise<Run> {
  const { owner, entry, request, isStream, conversationId, agentId = entry.id } = sent;
  const warnings = c.get("warnings");
  const input = inputOf(request, c.req.header("x-stainless-retry-count"), warnings);
  const agent = agentId === entry.id ? entry : await owner.agents.get(agentId);
  const wishes = {
    ...(await deferralOf(owner, agent, request.client_tools ?? [], warnings)),
    maxSteps: request.max_steps ?? undefined,
    answeredBy: await answering(service.models, request.override_model, warnings),
  };
  const options = { useAssistantMessage: request.use_assistant_message ?? true };
  const tokens = isStream && (request.stream_tokens ?? false);
  const run = new Run(
    { id: agentId },
    (id) => {
      const turn = new TurnParts(id, { ...options, tokens });
      return {
        shape: (item) => (item.type === "stored" ? partsOf(item.message, options) : turn.of(item)),
        background: request.background ?? false,
        conversationId,
        ...options,
      };
    },
    { id: service.runs.newId() },
  );
  if (run.options.background) await service.runs.addNoted(owner, run);
  else service.runs.add(owner, run);
  const turn = runTurn(owner, entry, { ...input, wishes }, run.signal);
  void run.follow(agentId === entry.id ? turn : keepingPassages(owner, agentId, turn), service.metrics);
  return run;
}

/** The model that a request wants instead of the agent's own; undefined if it names none or an unknown one. */
async function answering(
  models: Models,
  handle: string | null | undefined,
  warnings: string[],
): Promise<SendOptions["answeredBy"]> {
  if (handle == null) return undefined;
  const found = await models.find(handle, warnings, "the agent's own answers");
  if (found === undefined) return undefined;
  const { name: model, endpoint } = found;
  return endpoint === null ? { model } : { model, endpoint };
}

/** Starts a turn and answers with its result, whole or as a stream of parts. */
export async function answerTurn(c: Context<Env>, service: Service, sent: Sent): Promise<Response> {
  const run = await startRun(c, service, sent);
  const wanted = typesWanted(sent.request);
  const isOwn = !run.options.background;
  if (!sent.isStream) {
    const leave = (): void => {
      if (isOwn) run.cancel();
    };
    c.req.raw.signal.addEventListener("abort", leave, { once: true });
    await run.ended();
    if (run.status === "failed") throw run.error;
    return c.json(responseJson(run, wanted));
  }
  await run.begun();
  if (run.status === "failed" && run.parts.length === 0) throw run.error;
  return streamRun(c, run, { wanted, pings: sent.request.include_pings === true ? service.pingMs : undefined });
}

/** Streams the parts of a run. If the client disconnects, the turn stops unless it runs in the background. */
function streamRun(
  c: Context<Env>,
  run: Run,
  options: { readonly from?: number; readonly wanted: Wanted; readonly pings: number | undefined },
): Response {
  const { from = 0, wanted, pings } = options;
  return eventStream(
    c,
    async (stream) => {
      const sending = async (): Promise<void> => {
        for await (const part of run.from(from)) if (wanted(part)) await writeJson(stream, asClientKnows(c, part));
        await writeJson(stream, stopJson(run));
        if (run.status === "failed") await writeJson(stream, errorJson(run), "error");
        else await writeJson(stream, usageJson(run));
        await stream.writeSSE({ data: "[DONE]" });
      };
      if (pings === undefined) return sending();
      const ping = async (): Promise<void> => {
        const date = new Date().toISOString();
        await writeJson(stream, { message_type: "ping", id: run.id, date, run_id: run.id, seq_id: run.parts.length });
      };
      return withPings(sending(), pings, ping);
    },
    () => {
      if (!run.options.background) run.cancel();
    },
  );
}

/** Where to begin following a turn, which may be over. */
export const followRequest = z.looseObject({
  starting_after: z.number().int().min(0).nullish(),
  include_pings: z.boolean().nullish(),
});

/** Streams the parts of a run, from its start or after the part numbered `starting_after`. */
export async function followRun(
  c: Context<Env>,
  run: Run,
  { starting_after, include_pings }: z.output<typeof followRequest>,
  pingMs: number,
): Promise<Response> {
  await dropForgotten(c.get("owner"), run);
  // Of an earlier process, or with something that was forgotten since.
  if (run.status !== "running" && run.parts.length === 0) run.parts.push(...(await partsOfRun(c.get("owner"), run)));
  const pings = include_pings === true ? pingMs : undefined;
  return streamRun(c, run, { from: starting_after ?? 0, wanted: typesWanted({}), pings });
}

/** A page of the parts of a run or step. */
export function pageOfParts(parts: readonly Part[], query: PageQuery): Part[] {
  return pageOfAll(
    parts.map((part) => ({ ...part, id: String(part["id"]) })),
    query,
  );
}

type Wanted = (part: Part) => boolean;

/** Whether a part is of a type that the client asked for. */
export function typesWanted({
  include_return_message_types: types,
}: Pick<SendMessage, "include_return_message_types">): Wanted {
  return ({ message_type }) => types == null || types.includes(String(message_type));
}

function responseJson(run: Run, wanted: Wanted): Record<string, unknown> {
  return { messages: run.parts.filter(wanted), stop_reason: stopJson(run), usage: usageJson(run), run_id: run.id };
}

function stopJson({ stopReason }: Run): Record<string, unknown> {
  return { message_type: "stop_reason", stop_reason: stopReason };
}

function errorJson({ id, error }: Run): Record<string, unknown> {
  const { code, detail } = failureOf(error) ?? UNFORESEEN;
  return {
    message_type: "error_message",
    run_id: id,
    error_type: code,
    message: String(detail),
    detail: String(detail),
  };
}
