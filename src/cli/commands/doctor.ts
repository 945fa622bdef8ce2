import {
  type AgentSettings,
  type Check,
  type MemGPT,
  MemGPTError,
  type ModelChoice,
  checkAgents,
  checkHome,
  checkInstallation,
  checkModel,
  modelOptionsOf,
} from "../../index.ts";
import { jsonText } from "../json-text.ts";
import { openHome } from "../open-home.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { visible } from "../terminal/sanitize.ts";

const INTERRUPTED = 130;

export type DoctorOptions = {
  readonly json?: boolean;
  /** The agent whose model is looked at; the configured model if absent. */
  readonly agent?: string;
  /** For each request, in milliseconds. */
  readonly timeout: number;
};

/** `memgpt doctor`. @returns the exit code: 1 if anything fails. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const { signal, stop } = onInterrupt();
  const checks: Check[] = [];
  try {
    const memgpt = await openHome();
    for await (const check of all(memgpt, options, signal)) {
      checks.push(check);
      if (options.json !== true) process.stdout.write(`${visible(line(check))}\n`);
    }
  } catch (error) {
    if (signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    stop();
  }
  const isWell = checks.every(({ status }) => status !== "fail");
  if (options.json === true) process.stdout.write(`${jsonText({ ok: isWell, checks }, 2)}\n`);
  return isWell ? 0 : 1;
}

async function* all(memgpt: MemGPT, options: DoctorOptions, signal: AbortSignal): AsyncGenerator<Check, void, void> {
  yield* await checkInstallation();
  yield* checkHome(memgpt.home);
  for (const notice of memgpt.notices) yield { name: "configuration", status: "warn", detail: notice };
  yield* checkAgents(memgpt.home);
  const { timeout } = options;
  yield* checkModel(await choice(memgpt, options.agent), { config: memgpt.config, timeout, signal });
}

async function choice(memgpt: MemGPT, agent: string | undefined): Promise<ModelChoice> {
  const { config, credentials } = memgpt;
  const { model, model_endpoint: endpoint, context_window: contextWindow } = config;
  const configured = { model, endpoint, contextWindow, options: modelOptionsOf(config) };
  const settings = agent === undefined ? configured : await settingsOf(memgpt, agent);
  return { ...settings, key: credentials.keyFor(settings.endpoint)?.key };
}

/** @throws MemGPTError `agent_not_found`, `storage_failed`. */
async function settingsOf(memgpt: MemGPT, agent: string): Promise<AgentSettings> {
  const state = await memgpt.readAgent(agent, (store) => store.load());
  if (state !== undefined) return state.settings;
  throw new MemGPTError("storage_failed", `The database of ${agent} is empty. Open the agent to restore it.`);
}

const MARKS = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

function line({ name, status, detail, advice }: Check): string {
  return `${MARKS[status]}  ${name}: ${detail}${advice === undefined ? "" : `\n      ${advice}`}`;
}
