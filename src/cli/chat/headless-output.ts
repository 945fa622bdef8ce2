import type { Agent, AgentEvent, Usage } from "../../index.ts";
import type { RunOptions } from "../setup/run-options.ts";
import type { SlashAgents, SlashTurn } from "../slash/command.ts";
import { paintMarks } from "../terminal/emphasis.ts";
import { jsonText } from "../terminal/json-text.ts";
import { print, warn } from "../terminal/print.ts";
import { noticeLine, verboseLine } from "./notices.ts";

/** One run of `memgpt run` without a terminal. */
export type HeadlessSession = {
  agent: Agent;
  readonly agents: SlashAgents;
  readonly options: RunOptions;
  readonly signal: AbortSignal;
  /** Whether to show function calls and their returns. */
  verbose: boolean;
};

/** Prints the result of a slash command. */
export function printCommand(command: string, shown: string, { options }: HeadlessSession): void {
  const text = paintMarks(shown);
  if (options.outputFormat === "text") print(text);
  else printJson({ type: "command", command, text });
}

/** Runs one turn and prints it. `command`: the slash command that runs it, whose events may not end in `turn_end`. */
export async function runTurn(
  turn: Pick<SlashTurn, "run" | "after">,
  session: HeadlessSession,
  command?: string,
): Promise<void> {
  const { agent, options, signal } = session;
  const events: AgentEvent[] = [];
  for await (const event of turn.run({ signal })) {
    if (event.type.endsWith("_delta") && (!options.stream || options.outputFormat !== "stream-json")) continue;
    events.push(event);
    if (session.verbose && (event.type === "function_call" || event.type === "function_return"))
      warn(verboseLine(event).text);
    if (options.outputFormat === "stream-json") printJson(event);
    if (options.outputFormat === "text") printText(event, session);
  }
  const closing = turn.after?.(events);
  switch (options.outputFormat) {
    case "text":
      if (closing !== undefined) warn(closing);
      break;
    case "json":
      printJson(await summary(agent, events));
      break;
    case "stream-json":
      if (command !== undefined && events.at(-1)?.type !== "turn_end") printCommand(command, closing ?? "", session);
  }
}

function printText(event: AgentEvent, { verbose }: HeadlessSession): void {
  if (event.type === "assistant_message") print(event.text);
  if (verbose && event.type === "function_return") return;
  const notice = noticeLine(event);
  if (notice !== undefined) warn(notice.text);
}

function printJson(value: unknown): void {
  process.stdout.write(`${jsonText(value)}\n`);
}

/** The object of `--output-format json`. */
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

/** Tokens of all steps; null if the model reported none. */
function totalUsage(events: readonly AgentEvent[]): Usage | null {
  const reported = events.flatMap((event) => (event.type === "step_end" && event.usage !== null ? [event.usage] : []));
  if (reported.length === 0) return null;
  return reported.reduce((sum, { prompt, completion, cached }) => ({
    prompt: sum.prompt + prompt,
    completion: sum.completion + completion,
    cached: sum.cached + cached,
  }));
}
