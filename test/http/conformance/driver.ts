import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Agent, type AgentEvent, MemGPT, type MemGPTOptions, type Message, type SessionOptions } from "memgpt";
import { expect, onTestFinished } from "vitest";
import { adapted } from "../../../src/llm/server-llm.ts";
import type { Limits } from "../../../src/llm/openai/exchange.ts";
import { OpenAiLlm } from "../../../src/llm/openai/openai-llm.ts";
import { fileQuirks } from "../../../src/settings/quirks-file.ts";
import { temporaryFolder } from "../../support/agents.ts";
import type { ModelServer } from "../../support/model-server.ts";
import { checkWire } from "./wire.ts";

/** Each case is run twice: with answers as they are generated, and in one piece. */
export type Mode = "stream" | "whole";
export const MODES = ["stream", "whole"] as const satisfies readonly Mode[];

export const KEY = "sk-conformance-0123456789";
/** Noon of 21 November 2026, for servers that name a date to come back at. */
const NOW = Date.UTC(2026, 10, 21, 12);

/** Keys of `config.json`, beside those that every agent here has. */
export type Config = Readonly<Record<string, unknown>>;

export type TalkOptions = {
  readonly config?: Config;
  readonly session?: SessionOptions;
  /** Where the agent's model is said to be; at the server if absent. */
  readonly endpoint?: string;
  /** Home of the agent; a new one if absent. */
  readonly dir?: string;
  /** Waits are noted instead of waited for, and a server may be silent no longer than `limits`. */
  readonly waits?: {
    readonly limits?: Partial<Limits>;
    readonly sleep?: (ms: number, signal?: AbortSignal) => unknown;
  };
};

/** What came of one message. */
export type Heard = {
  readonly events: readonly AgentEvent[];
  /** What the person was told in the end; null if nothing was. */
  readonly reply: string | null;
  /** The inner monologue of all steps, one to a line. */
  readonly thoughts: string;
  /** Codes of the notices. */
  readonly notices: readonly string[];
  readonly retries: readonly { readonly reason: string; readonly seconds: number }[];
  /** What the functions returned, with their status. */
  readonly returns: readonly string[];
  /** What ended the turn, if it was an error. */
  readonly error: Error | undefined;
};

export type Talk = {
  readonly agent: Agent;
  readonly memgpt: MemGPT;
  readonly dir: string;
  /** Milliseconds that were waited before requests were made again. */
  readonly slept: readonly number[];
  /** Sends a message, and checks what must hold whatever the server does. */
  readonly say: (message: string, options?: { readonly signal?: AbortSignal }) => Promise<Heard>;
};

/** A new agent whose model is at `server`, made as `memgpt` makes it from its files. */
export async function talk(server: ModelServer, mode: Mode, options: TalkOptions = {}): Promise<Talk> {
  const { dir = temporaryFolder(), endpoint = server.endpoint, config = {}, session = {} } = options;
  writeHome(dir, endpoint, { model: "some-model", stream: mode === "stream", model_endpoint: endpoint, ...config });
  const slept: number[] = [];
  const memgpt = await MemGPT.open({ dir, env: {}, ...waiting(dir, slept, options) });
  onTestFinished(() => memgpt.close());
  // What a first answer must look like is another matter.
  const opening = { verify: false, ...session };
  const agent = (await memgpt.hasAgent("sam"))
    ? await memgpt.openAgent("sam", {}, opening)
    : await memgpt.createAgent({ name: "sam" }, opening);
  return { agent, memgpt, dir, slept, say: (message, how) => say(agent, server, message, how) };
}

function writeHome(dir: string, endpoint: string, config: Config): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "config.json"), JSON.stringify(config));
  const keys = { [endpoint]: KEY };
  writeFileSync(join(dir, "credentials.json"), JSON.stringify({ keys }), { mode: 0o600 });
}

/** The model as `createLlm` makes it, but for the clock. */
function waiting(dir: string, slept: number[], { waits }: TalkOptions): Pick<MemGPTOptions, "llm"> {
  if (waits === undefined) return {};
  const { limits = {}, sleep } = waits;
  const llm: MemGPTOptions["llm"] = ({ model, endpoint, options }) => {
    const quirks = fileQuirks(join(dir, "models.json"), { model, endpoint });
    const server = new OpenAiLlm({
      ...{ model, endpoint, options, quirks, limits, apiKey: KEY, env: {}, now: () => NOW, random: () => 0 },
      sleep: async (milliseconds, signal) => {
        slept.push(milliseconds);
        await sleep?.(milliseconds, signal);
      },
    });
    return adapted(server, options, quirks);
  };
  return { llm };
}

async function say(
  agent: Agent,
  server: ModelServer,
  message: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Heard> {
  const before = await stored(agent);
  const events: AgentEvent[] = [];
  let error: Error | undefined;
  try {
    for await (const event of agent.send(message, options)) events.push(event);
  } catch (caught) {
    if (!(caught instanceof Error)) throw caught;
    error = caught;
  }
  checkShown(events);
  checkStored(before, await stored(agent), { message, events });
  checkWire(server.seen, KEY);
  expect(error?.message ?? "").not.toContain(KEY);
  return heard(events, error);
}

function heard(events: readonly AgentEvent[], error: Error | undefined): Heard {
  const all = <T extends AgentEvent["type"]>(type: T): Extract<AgentEvent, { type: T }>[] =>
    events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);
  return {
    events,
    reply: all("turn_end")[0]?.reply ?? null,
    thoughts: all("internal_monologue")
      .map(({ text }) => text)
      .join("\n"),
    notices: all("notice").map(({ code }) => code),
    retries: all("retry").map(({ reason, seconds }) => ({ reason, seconds })),
    returns: all("function_return").map(({ name, status, output }) => `${name} ${status}: ${output}`),
    error,
  };
}

/** What is shown as it is written, from the last retry of a step on, is what the step then says, unless its call failed. */
function checkShown(events: readonly AgentEvent[]): void {
  let [begun, said, failed] = ["", [] as string[], false];
  for (const event of events) {
    if (event.type === "step_start" || event.type === "retry") [begun, said, failed] = ["", [], false];
    if (event.type === "assistant_message_delta") begun += event.text;
    if (event.type === "assistant_message") said.push(event.text);
    if (event.type === "function_return") failed ||= event.status === "Failed";
    // Text that is taken for a reply at last was shown as a thought.
    if (event.type === "step_end" && begun !== "" && !failed) expect(begun).toBe(said.join("\n\n"));
  }
}

async function stored(agent: Agent): Promise<Message[]> {
  const all: Message[] = [];
  for await (const message of agent.recall.all()) all.push(message);
  return all;
}

/** Nothing is lost or doubled, every call has its return, and a turn of which no step was finished left no trace. */
function checkStored(
  before: readonly Message[],
  after: readonly Message[],
  { message, events }: { message: string; events: readonly AgentEvent[] },
): void {
  const count = (type: AgentEvent["type"]): number => events.filter((event) => event.type === type).length;
  const added = after.slice(before.length);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(new Set(after.map(({ id }) => id)).size).toBe(after.length);
  const [steps, flushes] = [count("step_end"), count("queue_flush")];
  expect(added.filter((one) => one.role === "user" && messageOf(one.content) === message)).toHaveLength(
    steps > 0 ? 1 : 0,
  );
  expect(added.filter(({ role }) => role === "assistant")).toHaveLength(steps);
  // A summary that was made before the step failed stays.
  if (steps === 0) expect(added).toHaveLength(flushes);
  const calls = added.flatMap((one) => (one.role === "assistant" ? one.calls : []));
  const returns = added.flatMap((one) => (one.role === "function" ? [one] : []));
  expect(returns.map(({ callId, name }) => [callId, name])).toEqual(calls.map(({ id, name }) => [id, name]));
}

function messageOf(content: string): unknown {
  const envelope: unknown = JSON.parse(content);
  return typeof envelope === "object" && envelope !== null && "message" in envelope ? envelope.message : undefined;
}

/** What an agent's home remembers about its only model. */
export function learned(dir: string): unknown {
  return Object.values(JSON.parse(readFileSync(join(dir, "models.json"), "utf8")) as object)[0];
}
