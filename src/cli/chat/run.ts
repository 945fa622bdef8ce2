import { describe } from "../../errors.ts";
import { type MemGPT, MemGPTError } from "../../index.ts";
import { type Choice, chooseAgent } from "./choose-agent.ts";
import { isClosedPipe } from "../terminal/closed-pipe.ts";
import { runHeadless } from "./headless.ts";
import { openHome } from "../terminal/open-home.ts";
import { reporting } from "./reporting.ts";
import type { RunOptions } from "../setup/run-options.ts";
import { sessionAgents } from "./session-agents.ts";
import { mayUseOpenAiKey } from "./openai-key.ts";
import { printError, reportError } from "../terminal/report-error.ts";
import { visible } from "../terminal/sanitize.ts";

/** Signals that end the session; the agent is saved first. */
const ENDING_SIGNALS = { SIGTERM: 143, SIGHUP: 129 } as const;

/** Without a terminal Ctrl-C ends the session too; in the chat it only stops a reply. */
const INTERRUPTED = 130;

/** `memgpt run`. @returns the exit code. */
export async function run(options: RunOptions): Promise<number> {
  const interactive =
    options.print === undefined && options.inputFormat === "text" && process.stdin.isTTY && process.stdout.isTTY;
  const ending = new AbortController();
  const stopListening = onEnding(ending, interactive ? ENDING_SIGNALS : { ...ENDING_SIGNALS, SIGINT: INTERRUPTED });
  let memgpt: MemGPT | undefined;
  let choice: Choice | undefined;
  // Until it is known how it went.
  let failed = true;
  try {
    memgpt = await openHome({ useOpenAiKey: options.useOpenaiKey });
    if (interactive && options.yes !== true) {
      const { firstRun } = await import("../setup/first-run.ts");
      memgpt = await firstRun(memgpt, options, ending.signal);
    }
    choice = await chooseAgent(memgpt, options, { interactive, signal: ending.signal });
    const asks = interactive && options.yes !== true;
    if (asks && (await mayUseOpenAiKey(memgpt, choice.agent.state.settings, ending.signal))) {
      // The model was made without the key.
      const { name } = choice.agent;
      await memgpt.close();
      memgpt = await openHome();
      choice = { ...choice, agent: await memgpt.openAgent(name, {}, options) };
    }
    const code = await converse(memgpt, choice, options, { interactive, signal: ending.signal });
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
    const isLeft = choice !== undefined && failed && (await isUntouched(choice));
    await choice?.agent.close();
    // What closing could not do, such as a last checkpoint.
    for (const notice of choice?.agent.notices ?? []) process.stderr.write(`${visible(notice)}\n`);
    if (memgpt !== undefined && choice !== undefined && isLeft) await removeAgain(memgpt, choice.agent.name);
    await memgpt?.close();
    stopListening();
  }
}

/** Whether an agent was made just now and nothing has come of it. */
async function isUntouched({ agent, bornAt }: Choice): Promise<boolean> {
  try {
    return bornAt !== undefined && (await agent.journal.head()) === bornAt;
  } catch {
    // One that was left for another is closed.
    return false;
  }
}

/** Nobody wants an empty agent that a failed first message left behind. */
async function removeAgain(memgpt: MemGPT, name: string): Promise<void> {
  try {
    await memgpt.deleteAgent(name);
    process.stderr.write(`${visible(`Agent ${name} was removed again: nothing was in it.`)}\n`);
  } catch (error) {
    process.stderr.write(`${visible(`Agent ${name} stays, though nothing is in it: ${describe(error)}`)}\n`);
  }
}

/** Says what became of a reply that was stopped, to a program always. @returns `code`. */
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

/** Whether somebody left the first questions: what asks them is loaded only then, so it is known by its name. */
function isCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === "SetupCancelled";
}

async function converse(
  memgpt: MemGPT,
  { agent, lines }: Choice,
  options: RunOptions,
  { interactive, signal }: { readonly interactive: boolean; readonly signal: AbortSignal },
): Promise<number> {
  const agents = sessionAgents(memgpt, options, interactive);
  if (!interactive) {
    for (const line of lines) process.stderr.write(`${visible(line)}\n`);
    return runHeadless({ agent, agents }, options, signal);
  }
  const { chat } = await import("./chat.ts");
  await chat(
    { agent, agents },
    { ...options, lines, historyFile: memgpt.home.historyFile, secrets: memgpt.config.secrets, signal },
  );
  if (signal.aborted) throw new MemGPTError("interrupted", "The session was ended.");
  return 0;
}

/** Aborts `ending` with the exit code when the process is asked to end, or when nobody reads what it writes. */
function onEnding(ending: AbortController, codes: Readonly<Record<string, number>>): () => void {
  const listeners = Object.entries(codes).map(([name, code]) => {
    const listener = (): void => {
      ending.abort(code);
    };
    process.on(name, listener);
    return { name, listener };
  });
  const onError = (error: Error): void => {
    if (isClosedPipe(error)) ending.abort(0);
  };
  process.stdout.on("error", onError);
  return () => {
    for (const { name, listener } of listeners) process.off(name, listener);
    process.stdout.off("error", onError);
  };
}
