import { randomUUID } from "node:crypto";
import { type Interface, createInterface } from "node:readline";
import { type ErrorCode, type InputEvent, MemGPTError, fence, markFrom } from "../../index.ts";
import { userMessageEvent } from "../../schema/user-message-event.ts";
import type { RunOptions } from "../setup/run-options.ts";
import type { SlashContext, SlashResult, SlashTurn } from "../slash/command.ts";
import { type Idle, TIMED_HEARTBEAT, onIdle } from "../terminal/idle.ts";
import { warn } from "../terminal/print.ts";
import { errorText, reportError } from "../terminal/report-error.ts";
import { type HeadlessSession, printCommand, runTurn } from "./headless-output.ts";
import { pipedInput, wholeInput } from "./piped-input.ts";
import { keptText } from "./kept-text.ts";
import { PipeTerminal, needsTerminal } from "./pipe-terminal.ts";
import { reporting } from "./reporting.ts";

/**
 * Runs one message or slash command (`-p`), or one per line of standard input. OUTCOMES lists what it prints.
 *
 * @returns the exit code.
 * @throws the signal's reason or what it interrupted, once `signal` is aborted.
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
  const message = text === "-" ? (await wholeInput(signal)).trimEnd() : await withFiles(text, signal);
  await sendOne({ type: "user_message", message }, session);
  return 0;
}

/** The message with the files that it names, then what was piped. */
async function withFiles(text: string, signal: AbortSignal): Promise<string> {
  // Imported only if needed: it loads the readers of every document format.
  const { text: message, notes } = text.includes("@")
    ? await (await import("./mentioned-files.ts")).withMentionedFiles(text)
    : { text, notes: [] };
  for (const note of notes) warn(note);
  return withInput(message, await pipedInput(signal));
}

/** The message, then a blank line and the piped input, fenced as data: a file or a diff is not what the person says. */
function withInput(text: string, input: string): string {
  if (input.trim() === "") return text.trimEnd();
  if (text.trim() === "") return input.trimEnd();
  const { open, close } = fence(markFrom(randomUUID()), "stdin");
  return `${text.trimEnd()}\n\n${open}${input.trimEnd()}${close}`;
}

const ANY_COMMAND = (code: ErrorCode): boolean => !code.startsWith("storage_");
const ANY_TURN = (code: ErrorCode): boolean => code === "invalid_input" || code === "not_found";

async function sendLines(session: HeadlessSession): Promise<number> {
  const { options, signal } = session;
  const { exitHint } = await import("../slash/dispatch.ts");
  // Await nothing between here and the loop: lines that arrive meanwhile would be lost.
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity, signal });
  let exitCode = 0;
  for await (const line of withHeartbeats(lines, session)) {
    if (line.trim() === "") continue;
    // A mistake in one line or command does not affect the next; an unreachable model does.
    let isRecoverable = ANY_COMMAND;
    try {
      const isText = options.inputFormat === "text";
      const hint = isText ? exitHint(line) : undefined;
      if (hint !== undefined) throw new MemGPTError("invalid_input", hint);
      if (isText && line.startsWith("/")) {
        const result = await commandOf(line, session);
        isRecoverable = ANY_TURN;
        if ((await act(result, line, session)) === "exit") break;
      } else {
        isRecoverable = ANY_TURN;
        await runTurn(turnOf(line, session), session);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      exitCode = reportError(error, reporting(options));
      if (!(error instanceof MemGPTError && isRecoverable(error.code))) return exitCode;
    }
  }
  signal.throwIfAborted();
  return exitCode;
}

/** The lines as they arrive. Wakes the agent after `--heartbeat-every` without one. */
async function* withHeartbeats(source: Interface, session: HeadlessSession): AsyncGenerator<string, void, void> {
  const { options } = session;
  const lines = source[Symbol.asyncIterator]();
  const read = (): ReturnType<typeof lines.next> => {
    const next = lines.next();
    // Avoids an unhandled rejection during a heartbeat; a caller that awaits `next` still sees the failure.
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
    // Open input would keep the process alive.
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

/** Wakes the agent, and reports a lasting failure once. @returns why it failed. */
async function timedHeartbeat(session: HeadlessSession, before: string | undefined): Promise<string | undefined> {
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

async function commandOf(line: string, session: HeadlessSession): Promise<SlashResult> {
  const { runSlashCommand } = await import("../slash/dispatch.ts");
  return runSlashCommand(line, { agent: session.agent, agents: session.agents, terminal: new PipeTerminal(session) });
}

async function act(result: SlashResult, line: string, session: HeadlessSession): Promise<"exit" | "continue"> {
  switch (result.type) {
    case "print":
      if (result.refused !== undefined) throw new MemGPTError(result.refused, result.text);
      printCommand(line.trim(), result.text, session);
      return "continue";
    case "turn":
      await runTurn(result, session, line.trim());
      return "continue";
    case "edit":
      throw needsTerminal("Editing");
    case "multiline":
      throw needsTerminal("Typing several lines", "Use -p - to read a whole message from standard input.");
    case "switch": {
      const before = session.agent;
      session.agent = result.agent;
      await before.close();
      printCommand(line.trim(), result.lines.join("\n"), session);
      return "continue";
    }
    case "exit":
      if (session.options.outputFormat !== "text") printCommand(line.trim(), keptText(session.agent), session);
      return "exit";
  }
}

function turnOf(line: string, { agent, options }: HeadlessSession): SlashTurn {
  const input: InputEvent = options.inputFormat === "text" ? { type: "user_message", message: line } : parseEvent(line);
  return { type: "turn", run: ({ signal }) => agent.send(input, { signal }) };
}

function parseEvent(line: string): InputEvent {
  try {
    return userMessageEvent().parse(JSON.parse(line));
  } catch (cause) {
    const shape = '{"type":"user_message","message":"…","time":"2026-11-21T12:00:00Z"}';
    throw new MemGPTError(
      "invalid_input",
      `Not an input event: ${line.slice(0, 120)}\nExpected ${shape}; "time" is optional.`,
      { cause },
    );
  }
}

async function sendOne(input: InputEvent, session: HeadlessSession): Promise<void> {
  await runTurn({ run: ({ signal }) => session.agent.send(input, { signal }) }, session);
}
