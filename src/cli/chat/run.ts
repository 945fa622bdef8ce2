import { describe } from "../../errors.ts";
import { MemGPTError } from "../../index.ts";
import { ConsentDesk } from "./ask-consent.ts";
import { type Choice, chooseAgent } from "./choose-agent.ts";
import { isClosedPipe } from "../terminal/closed-pipe.ts";
import { runHeadless } from "./headless.ts";
import { openHome } from "../terminal/open-home.ts";
import { warn } from "../terminal/print.ts";
import { reporting } from "./reporting.ts";
import type { RunOptions } from "../setup/run-options.ts";
import { sessionAgents } from "./session-agents.ts";
import { type SessionHome, localHome } from "./session-home.ts";
import { mayUseOpenAiKey } from "./openai-key.ts";
import { EXIT_CODES, printError, reportError } from "../terminal/report-error.ts";

/** Signals that end the session after saving the agent. */
const ENDING_SIGNALS = { SIGTERM: 143, SIGHUP: 129 } as const;

/** As shells say that SIGPIPE ended a program: what was still to be sent was not. */
const SIGPIPE_CODE = 141;

/** Ctrl-C ends a session without a terminal; in the chat it only stops a reply. */
const INTERRUPTED = EXIT_CODES.interrupted;

/** `memgpt run`. @returns the exit code. */
export async function run(flags: RunOptions): Promise<number> {
  const interactive =
    flags.print === undefined && flags.inputFormat === "text" && process.stdin.isTTY && process.stdout.isTTY;
  // Agents are opened before there is a chat to ask in.
  const desk = interactive && flags.yes !== true ? new ConsentDesk() : undefined;
  const options: RunOptions = desk === undefined ? flags : { ...flags, consent: desk.ask };
  const ending = new AbortController();
  const stopListening = onEnding(ending, interactive ? ENDING_SIGNALS : { ...ENDING_SIGNALS, SIGINT: INTERRUPTED });
  let home: SessionHome | undefined;
  let choice: Choice | undefined;
  // Until proven otherwise.
  let failed = true;
  try {
    home = await homeOf(options, interactive, ending.signal);
    choice = await chooseAgent(home, options, { interactive, signal: ending.signal });
    const asks = interactive && options.yes !== true && !home.isRemote;
    if (asks && (await mayUseOpenAiKey(home.local, choice.agent.state.settings, ending.signal))) {
      // The agent's model was created without the key.
      const { name } = choice.agent;
      await home.agents.close();
      home = await localHome(await openHome());
      choice = { ...choice, agent: await home.agents.openAgent(name, {}, options) };
    }
    const code = await converse(home, choice, options, { interactive, desk, signal: ending.signal });
    failed = code !== 0;
    return code;
  } catch (error) {
    if (!ending.signal.aborted) {
      if (!isCancelled(error)) return reportError(error, reporting(options));
      process.stdout.write("Nothing was changed.\n");
      return INTERRUPTED;
    }
    return reportEnding(Number(ending.signal.reason), error, options);
  } finally {
    const isLeftover = choice !== undefined && failed && (await isUntouched(choice));
    await choice?.agent.close();
    // Closing reports what it could not do, such as write a last checkpoint.
    for (const notice of choice?.agent.notices ?? []) warn(notice);
    if (home !== undefined && choice !== undefined && isLeftover) await removeEmpty(home, choice.agent.name);
    await home?.agents.close();
    stopListening();
  }
}

/** The home directory of this machine, set up if need be; or a server. */
async function homeOf(options: RunOptions, interactive: boolean, signal: AbortSignal): Promise<SessionHome> {
  const { server } = options;
  if (server !== undefined && server !== "") {
    const { remoteHome } = await import("./remote-home.ts");
    return remoteHome(await openHome(), server, options);
  }
  const memgpt = await openHome({ useOpenAiKey: options.useOpenaiKey });
  if (!interactive || options.yes === true) return await localHome(memgpt);
  const { firstRun } = await import("../setup/first-run.ts");
  return await localHome(await firstRun(memgpt, options, signal));
}

/** Whether the agent was created by this session and nothing has happened to it. */
async function isUntouched({ agent, createdAtOp }: Choice): Promise<boolean> {
  try {
    return createdAtOp !== undefined && (await agent.journal.head()) === createdAtOp;
  } catch {
    // The session has switched to another agent and closed this one.
    return false;
  }
}

/** Removes the empty agent that a failed first message left behind. */
async function removeEmpty({ agents }: SessionHome, name: string): Promise<void> {
  try {
    await agents.deleteAgent(name);
    warn(`Removed the empty agent ${name}.`);
  } catch (error) {
    warn(`The empty agent ${name} could not be removed: ${describe(error)}`);
  }
}

/** Reports a stopped reply; in the JSON formats always. @returns `code`. */
function reportEnding(code: number, error: unknown, options: RunOptions): number {
  const isExpected = error instanceof MemGPTError;
  if (code === INTERRUPTED && isExpected) reportError(error, reporting(options));
  else if (code !== 0 && options.outputFormat !== "text") {
    const waiting = { message: "Interrupted while waiting for input. Nothing was sent.", kept: "nothing" } as const;
    const { message, kept } = isExpected ? error : waiting;
    printError("interrupted", message, kept);
  }
  return code;
}

/** Whether the person cancelled the setup. Compares names, because the module with the class is loaded lazily. */
function isCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === "SetupCancelled";
}

async function converse(
  home: SessionHome,
  { agent, lines }: Choice,
  options: RunOptions,
  {
    interactive,
    desk,
    signal,
  }: { readonly interactive: boolean; readonly desk: ConsentDesk | undefined; readonly signal: AbortSignal },
): Promise<number> {
  const agents = sessionAgents(home, options, interactive);
  if (!interactive) {
    for (const line of lines) warn(line);
    return runHeadless({ agent, agents }, options, signal);
  }
  const { chat } = await import("./chat.ts");
  const { home: folder, config } = home.local;
  await chat(
    { agent, agents },
    { ...options, lines, historyFile: folder.historyFile, secrets: config.secrets, desk, signal },
  );
  if (signal.aborted) throw new MemGPTError("interrupted", "The session was ended.");
  return 0;
}

/** Aborts `ending` with the exit code when a signal arrives, or when nobody reads standard output any more. */
function onEnding(ending: AbortController, codes: Readonly<Record<string, number>>): () => void {
  const listeners = Object.entries(codes).map(([name, code]) => {
    const listener = (): void => {
      ending.abort(code);
    };
    process.on(name, listener);
    return { name, listener };
  });
  const onError = (error: Error): void => {
    ending.abort(isClosedPipe(error) ? SIGPIPE_CODE : 1);
  };
  process.stdout.on("error", onError);
  return () => {
    for (const { name, listener } of listeners) process.off(name, listener);
    process.stdout.off("error", onError);
  };
}
