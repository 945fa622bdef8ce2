import { type Interface, createInterface } from "node:readline";
import {
  type Agent,
  type AgentEvent,
  type ErrorCode,
  type InputEvent,
  MemGPTError,
  type Usage,
  userMessageEventSchema,
} from "../../index.ts";
import { type Idle, TIMED_HEARTBEAT, onIdle } from "../terminal/idle.ts";
import { paintMarks } from "../terminal/emphasis.ts";
import { jsonText } from "../terminal/json-text.ts";
import { noticeLine, verboseLine } from "./notices.ts";
import { pipedInput, wholeInput } from "./piped-input.ts";
import { errorText, reportError } from "../terminal/report-error.ts";
import { reporting } from "./reporting.ts";
import type { RunOptions } from "../setup/run-options.ts";
import type { SlashAgents, SlashContext, SlashResult, SlashTerminal, SlashTurn } from "../slash/command.ts";
import { leavingHint, runSlashCommand } from "../slash/dispatch.ts";
import { visible } from "../terminal/sanitize.ts";

/**
 * One message or slash command by `-p`, or one per line of standard input. @returns the exit code. OUTCOMES lists what is
 * printed for each.
 *
 * @throws whatever comes of it, once `signal` is aborted: also while input is waited for.
 */
export async function runHeadless(
  { agent, agents }: Pick<SlashContext, "agent" | "agents">,
  options: RunOptions,
  signal: AbortSignal,
): Promise<number> {
  const session = { agent, agents, options, signal, verbose: options.debug === true };
  const { print: text } = options;
  if (text === undefined) return sendLines(session);
  if (text.startsWith("/")) {
    await act(await commandOf(text, session), text, session);
    return 0;
  }
  const message = text === "-" ? (await wholeInput(signal)).trimEnd() : withInput(text, await pipedInput(signal));
  await sendOne({ type: "user_message", message }, session);
  return 0;
}

/** A message and, after a blank line, what was piped in with it. */
function withInput(text: string, input: string): string {
  return input.trim() === "" ? text.trimEnd() : `${text.trimEnd()}\n\n${input.trimEnd()}`;
}

type Session = {
  agent: Agent;
  readonly agents: SlashAgents;
  readonly options: RunOptions;
  readonly signal: AbortSignal;
  /** Whether function calls and their returns are shown. */
  verbose: boolean;
};

const ANY_COMMAND = (code: ErrorCode): boolean => !code.startsWith("storage_");
const ANY_TURN = (code: ErrorCode): boolean => code === "invalid_input" || code === "not_found";

async function sendLines(session: Session): Promise<number> {
  const { options, signal } = session;
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity, signal });
  let exitCode = 0;
  for await (const line of withHeartbeats(lines, session)) {
    if (line.trim() === "") continue;
    // What is wrong with a command, or with a line, says nothing of the next one; a model that is away does.
    let ofOneLine = ANY_COMMAND;
    try {
      const isText = options.inputFormat === "text";
      const leaving = isText ? leavingHint(line) : undefined;
      if (leaving !== undefined) throw new MemGPTError("invalid_input", leaving);
      if (isText && line.startsWith("/")) {
        const result = await commandOf(line, session);
        ofOneLine = ANY_TURN;
        if ((await act(result, line, session)) === "exit") break;
      } else {
        ofOneLine = ANY_TURN;
        await runTurn(turnOf(line, session), session);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      exitCode = reportError(error, reporting(options));
      if (!(error instanceof MemGPTError && ofOneLine(error.code))) return exitCode;
    }
  }
  signal.throwIfAborted();
  return exitCode;
}

/** The lines as they come. Whenever none has come for the time of `--heartbeat-every`, the agent is woken. */
async function* withHeartbeats(source: Interface, session: Session): AsyncGenerator<string, void, void> {
  const { options } = session;
  const lines = source[Symbol.asyncIterator]();
  const read = (): ReturnType<typeof lines.next> => {
    const next = lines.next();
    // Whoever waits for it hears of a failure; while the agent is awake nobody does.
    next.catch(() => undefined);
    return next;
  };
  let [next, since] = [read(), Date.now()];
  let failure: string | undefined;
  try {
    for (;;) {
      const every = options.heartbeatEvery;
      const pausedUntil = session.agent.state.heartbeatsPausedUntil;
      const won = await (every === undefined ? next : firstOf(next, { every, since, typing: false, pausedUntil }));
      if (won === "idle") {
        failure = await timedHeartbeat(session, failure);
      } else {
        if (won.done === true) return;
        yield won.value;
        next = read();
      }
      since = Date.now();
    }
  } finally {
    // Input that nobody reads any more would keep the process.
    source.close();
  }
}

async function firstOf<T>(next: Promise<T>, idle: Idle): Promise<T | "idle"> {
  let stop: () => void = () => undefined;
  const due = new Promise<"idle">((resolve) => {
    stop = onIdle(
      () => idle,
      () => {
        resolve("idle");
      },
    );
  });
  try {
    return await Promise.race([next, due]);
  } finally {
    stop();
  }
}

/** A model that is away is told of once. @returns why it failed. */
async function timedHeartbeat(session: Session, before: string | undefined): Promise<string | undefined> {
  try {
    await sendOne({ type: "heartbeat", reason: TIMED_HEARTBEAT }, session);
    return undefined;
  } catch (error) {
    if (session.signal.aborted) throw error;
    const failure = errorText(error, session.options.debug === true);
    if (failure !== before) reportError(error, reporting(session.options));
    return failure;
  }
}

async function commandOf(line: string, session: Session): Promise<SlashResult> {
  return runSlashCommand(line, { agent: session.agent, agents: session.agents, terminal: new Pipe(session) });
}

async function act(result: SlashResult, line: string, session: Session): Promise<"exit" | "go_on"> {
  switch (result.type) {
    case "print":
      if (result.refused !== undefined) throw new MemGPTError(result.refused, result.text);
      printCommand(line.trim(), result.text, session);
      return "go_on";
    case "turn":
      await runTurn(result, session, line.trim());
      return "go_on";
    case "edit":
      throw needsTerminal("Editing");
    case "multiline":
      throw needsTerminal("Typing several lines", "-p - takes a whole text from standard input.");
    case "switch": {
      const before = session.agent;
      session.agent = result.agent;
      await before.close();
      printCommand(line.trim(), result.lines.join("\n"), session);
      return "go_on";
    }
    case "exit":
      if (session.options.outputFormat !== "text") printCommand(line.trim(), "Everything is saved.", session);
      return "exit";
  }
}

/** What commands have where there is no terminal: nobody to ask, but `--yes`. */
class Pipe implements SlashTerminal {
  readonly width = 80;
  readonly interactive = false;
  readonly isPlain: boolean;
  readonly #session: Session;

  constructor(session: Session) {
    this.isPlain = session.options.stripUi === true || process.env["TERM"] === "dumb";
    this.#session = session;
  }

  show(text: string): void {
    if (this.#session.options.outputFormat === "text") process.stdout.write(`${visible(text)}\n`);
  }

  async confirm(): Promise<boolean> {
    if (this.#session.options.yes === true) return true;
    throw needsTerminal("This asks first, so it", "--yes does it without being asked.");
  }

  async pick(): Promise<string | undefined> {
    throw needsTerminal("Picking from a list", "Name what you want.");
  }

  async edit<T>(): Promise<T> {
    throw needsTerminal("Editing");
  }

  copy(): boolean {
    return false;
  }

  clear(): boolean {
    return false;
  }

  toggleVerbose(): boolean {
    this.#session.verbose = !this.#session.verbose;
    return this.#session.verbose;
  }
}

function needsTerminal(what: string, instead = "Run memgpt in one."): MemGPTError {
  return new MemGPTError("invalid_input", `${what} needs a terminal. Nothing was changed. ${instead}`);
}

function printCommand(command: string, shown: string, { options }: Session): void {
  const text = paintMarks(shown);
  if (options.outputFormat === "text") process.stdout.write(`${visible(text)}\n`);
  else print({ type: "command", command, text });
}

function turnOf(line: string, { agent, options }: Session): SlashTurn {
  const input: InputEvent = options.inputFormat === "text" ? { type: "user_message", message: line } : parseEvent(line);
  return { type: "turn", run: ({ signal }) => agent.send(input, { signal }) };
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

async function sendOne(input: InputEvent, session: Session): Promise<void> {
  await runTurn({ run: ({ signal }) => session.agent.send(input, { signal }) }, session);
}

/** Runs one turn. `command`: the slash command that it is of, whose events need not end with those of a turn. */
async function runTurn(turn: Pick<SlashTurn, "run" | "after">, session: Session, command?: string): Promise<void> {
  const { agent, options, signal } = session;
  const events: AgentEvent[] = [];
  for await (const event of turn.run({ signal })) {
    if (event.type.endsWith("_delta") && (!options.stream || options.outputFormat !== "stream-json")) continue;
    events.push(event);
    if (session.verbose && (event.type === "function_call" || event.type === "function_return"))
      process.stderr.write(`${visible(verboseLine(event).text)}\n`);
    if (options.outputFormat === "stream-json") print(event);
    if (options.outputFormat === "text") printText(event, session);
  }
  const said = turn.after?.(events);
  switch (options.outputFormat) {
    case "text":
      if (said !== undefined) process.stderr.write(`${visible(said)}\n`);
      break;
    case "json":
      print(await summary(agent, events));
      break;
    case "stream-json":
      if (command !== undefined && events.at(-1)?.type !== "turn_end") printCommand(command, said ?? "", session);
  }
}

function printText(event: AgentEvent, { verbose }: Session): void {
  if (event.type === "assistant_message") process.stdout.write(`${visible(event.text)}\n`);
  if (verbose && event.type === "function_return") return;
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
