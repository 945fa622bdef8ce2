import { createInterface } from "node:readline";
import { addAbortSignal } from "node:stream";
import { text as readAll } from "node:stream/consumers";
import {
  type Agent,
  type AgentEvent,
  type InputEvent,
  MemGPTError,
  type Usage,
  userMessageEventSchema,
} from "../index.ts";
import { jsonText } from "./json-text.ts";
import { noticeLine } from "./notices.ts";
import { reportError } from "./report-error.ts";
import type { RunOptions } from "./run-options.ts";
import { runSlashCommand } from "./slash/dispatch.ts";
import { visible } from "./terminal/sanitize.ts";

/**
 * One message by `-p`, or one per line of standard input. @returns the exit code.
 *
 * @throws whatever comes of it, once `signal` is aborted: also while input is waited for.
 */
export async function runHeadless(agent: Agent, options: RunOptions, signal: AbortSignal): Promise<number> {
  const session = { agent, options, signal };
  if (options.print === undefined) return sendLines(session);
  const message = options.print === "-" ? await readAll(addAbortSignal(signal, process.stdin)) : options.print;
  await sendOne({ type: "user_message", message: message.trimEnd() }, session);
  return 0;
}

type Session = { readonly agent: Agent; readonly options: RunOptions; readonly signal: AbortSignal };

async function sendLines(session: Session): Promise<number> {
  const { options, signal } = session;
  let exitCode = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity, signal })) {
    if (line.trim() === "") continue;
    try {
      if (options.inputFormat === "text" && line.startsWith("/")) {
        if ((await slashLine(line, session)) === "exit") break;
        continue;
      }
      await sendOne(
        options.inputFormat === "text" ? { type: "user_message", message: line } : parseEvent(line),
        session,
      );
    } catch (error) {
      if (signal.aborted) throw error;
      exitCode = reportError(error, options);
      // A line that is wrong says nothing of the next one; a model that is away or a full disk does.
      if (!(error instanceof MemGPTError && error.code === "invalid_input")) return exitCode;
    }
  }
  signal.throwIfAborted();
  return exitCode;
}

async function slashLine(line: string, session: Session): Promise<"exit" | "go_on"> {
  const result = await runSlashCommand(line, { agent: session.agent, width: 80 });
  switch (result.type) {
    case "print":
      if (session.options.outputFormat === "text") process.stdout.write(`${visible(result.text)}\n`);
      else print({ type: "command", command: line.trim(), text: result.text });
      return "go_on";
    case "send":
      await sendOne(result.event, session);
      return "go_on";
    case "multiline":
      return "go_on";
    case "exit":
      return "exit";
  }
}

function parseEvent(line: string): InputEvent {
  try {
    return userMessageEventSchema.parse(JSON.parse(line));
  } catch (cause) {
    const shape = '{"type":"user_message","message":"…","time":"2026-11-21T12:00:00Z"}';
    throw new MemGPTError(
      "invalid_input",
      `Not an input event: ${line.slice(0, 120)}\nOne looks like ${shape}; "time" may be left out.`,
      { cause },
    );
  }
}

async function sendOne(input: InputEvent, { agent, options, signal }: Session): Promise<void> {
  const events: AgentEvent[] = [];
  for await (const event of agent.send(input, { signal })) {
    if (event.type.endsWith("_delta") && (!options.stream || options.outputFormat !== "stream-json")) continue;
    events.push(event);
    if (options.debug === true && event.type === "function_call")
      process.stderr.write(`${visible(`${event.call.name} ${event.call.arguments}`)}\n`);
    if (options.outputFormat === "stream-json") print(event);
    if (options.outputFormat === "text") printText(event);
  }
  if (options.outputFormat === "json") print(await summary(agent, events));
}

function printText(event: AgentEvent): void {
  if (event.type === "assistant_message") process.stdout.write(`${visible(event.text)}\n`);
  const notice = noticeLine(event);
  if (notice !== undefined) process.stderr.write(`${visible(notice.text)}\n`);
}

function print(value: unknown): void {
  process.stdout.write(`${jsonText(value)}\n`);
}

/** The one object of `--output-format json`. */
async function summary(agent: Agent, events: readonly AgentEvent[]): Promise<unknown> {
  const end = events.find((event) => event.type === "turn_end");
  const { window, used, sections } = agent.context();
  return {
    agent: agent.name,
    reply: end?.reply ?? null,
    messages: events.flatMap((event) => (event.type === "assistant_message" ? [event.text] : [])),
    steps: end?.steps ?? 0,
    events,
    usage: totalUsage(events),
    context: { window, used, sections },
    recall: { total: await agent.recall.size() },
    archival: { total: await agent.archival.size() },
  };
}

/** Tokens of all steps, or null if the model reported none. */
function totalUsage(events: readonly AgentEvent[]): Usage | null {
  const reported = events.flatMap((event) => (event.type === "step_end" && event.usage !== null ? [event.usage] : []));
  if (reported.length === 0) return null;
  return reported.reduce((sum, { prompt, completion, cached }) => ({
    prompt: sum.prompt + prompt,
    completion: sum.completion + completion,
    cached: sum.cached + cached,
  }));
}
