import type { AgentOverrides } from "../agent/deps.ts";
import { createState } from "../agent/create.ts";
import { screenedBlock, screenedWrite } from "../agent/screening.ts";
import { checkBlocks } from "../agent/edit.ts";
import { PRACTICE_MODEL } from "../schema/built-in.ts";
import { KEPT_CHECKPOINTS, SMALLEST_WINDOW } from "../schema/limits.ts";
import { type Config, modelOptionsOf, secretPolicy } from "../settings/config.ts";
import { embeddingSettingsOf } from "../settings/embedding-settings.ts";
import { MemGPTError, didYouMean } from "../errors.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import { checkNoPassword } from "../llm/endpoint.ts";
import type { NoticeList } from "../ports/notices.ts";
import type { Home } from "../storage/files/paths.ts";
import { type Preset, readPreset } from "../settings/presets.ts";
import { readResource } from "../settings/resources.ts";
import type { AgentState, Block } from "../schema/state.ts";

/** Choices for a new agent. The configuration decides the rest. */
export type NewAgent = AgentOverrides & {
  /** Letters, digits, space, `_`, `-`, `.` (default: a free `agent_N`). */
  readonly name?: string | undefined;
  readonly preset?: string | undefined;
  readonly persona?: string | undefined;
  readonly human?: string | undefined;
  /** System prompt (default: the preset's). */
  readonly system?: string | undefined;
  /** Core memory, instead of persona and human. */
  readonly blocks?: readonly Block[] | undefined;
  /** In characters, per block. */
  readonly coreMemoryLimit?: number | undefined;
};

type CreationContext = {
  readonly home: Home;
  readonly config: Config;
  readonly now: () => string;
  readonly newId: () => string;
};

/**
 * The state of a new agent according to the options, the configuration and the preset, in this order.
 *
 * @throws MemGPTError `not_found` for a preset, persona or human that does not exist; `invalid_input` for an invalid
 *   window or limit, or a persona that does not fit.
 */
export async function newAgentState(
  name: string,
  options: NewAgent,
  { home, config, functions, now, newId }: CreationContext & { readonly functions: () => Promise<FunctionRegistry> },
  notices: NoticeList,
): Promise<AgentState> {
  const preset = await readPreset(home, options.preset ?? config.preset);
  try {
    checkFunctions(preset, await functions());
  } catch (error) {
    if (!(error instanceof MemGPTError)) throw error;
    throw new MemGPTError(error.code, `${error.message} No agent was created.`, { cause: error });
  }
  const persona = options.persona ?? config.persona ?? preset.persona;
  const human = options.human ?? config.human ?? preset.human;
  checkEndpoint(options.model ?? config.model, options.endpoint);
  const contextWindow = checkWindow(options.contextWindow ?? config.context_window);
  const settings = {
    model: options.model ?? config.model,
    endpoint: options.endpoint ?? config.model_endpoint,
    contextWindow,
    preset: preset.name,
    persona,
    human,
    embedding: embeddingSettingsOf(config),
    options: { ...modelOptionsOf(config), reminders: config.reminders || preset.reminders },
    keepCheckpoints: KEPT_CHECKPOINTS,
  };
  const limit = checkLimit(options.coreMemoryLimit ?? usualLimit({ ...config, context_window: contextWindow }));
  const screen = (text: string): Promise<string> => screenedWrite(text, { secrets: secretPolicy(config), notices });
  const written = options.blocks ?? personBlocks(home, { persona, human }, limit);
  const blocks = await Promise.all(written.map((block) => screenedBlock(block, screen)));
  checkBlocks(blocks);
  const system = options.system === undefined ? preset.system : await screen(options.system);
  return createState({ name, settings, system, functions: preset.functions, blocks, now: now(), newId });
}

/**
 * The agent as if it were created now with `blocks`, and with its current settings, prompt, functions and further
 * blocks.
 *
 * @param blocks The blocks that it was created with; if unknown, its persona and human are used.
 * @throws MemGPTError `not_found` if its persona or human no longer exists, `invalid_input` if one no longer fits.
 */
export function initialState(
  state: AgentState,
  blocks: readonly Block[] | undefined,
  { home, now, newId }: CreationContext,
): AgentState {
  const { name, settings, system, functions } = state;
  const limit = Math.max(1, ...state.blocks.map((block) => block.limit));
  const fresh = blocks ?? personBlocks(home, settings, limit);
  const others = state.blocks.filter(({ label }) => !fresh.some((block) => block.label === label));
  const created = createState({ name, settings, system, functions, blocks: [...fresh, ...others], now: now(), newId });
  return { ...created, id: state.id, createdAt: state.createdAt };
}

/** @throws MemGPTError `not_found`; `invalid_input` if a text does not fit. */
function personBlocks(home: Home, { persona, human }: { persona: string; human: string }, limit: number): Block[] {
  return [
    block("persona", readResource(home, "personas", persona).text, limit),
    block("human", readResource(home, "humans", human).text, limit),
  ];
}

function block(label: string, text: string, limit: number): Block {
  const value = text.trim();
  if (value.length <= limit) return { label, value, limit };
  throw new MemGPTError(
    "invalid_input",
    `The ${label} has ${value.length} characters, ${limit} fit. Nothing was created; shorten it or raise --core-memory-limit.`,
  );
}

/** The state with other settings; the same state if they change nothing. @throws MemGPTError `invalid_input`. */
export function withOverrides(state: AgentState, { model, endpoint, contextWindow }: AgentOverrides): AgentState {
  checkEndpoint(model ?? state.settings.model, endpoint);
  const settings = {
    ...state.settings,
    ...(model === undefined ? {} : { model }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(contextWindow === undefined ? {} : { contextWindow: checkWindow(contextWindow) }),
  };
  if (JSON.stringify(settings) === JSON.stringify(state.settings)) return state;
  // Another model counts tokens differently.
  return { ...state, settings, pressure: { alerted: state.pressure.alerted, calibration: 1 } };
}

/** @throws MemGPTError `config_invalid`, naming the line, if the preset names unknown functions. */
export function checkFunctions({ place, functions }: Preset, registry: FunctionRegistry): void {
  const { missing: unknown } = registry.select(functions);
  const [first] = unknown;
  if (first === undefined) return;
  const known = registry.names;
  const where = place("functions", functions.indexOf(first));
  throw new MemGPTError(
    "config_invalid",
    `${where}: it names functions that do not exist: ${unknown.join(", ")}.${didYouMean(first, known)} There are: ${known.join(", ")}.`,
  );
}

function checkEndpoint(model: string, endpoint: string | undefined): void {
  checkNoPassword(endpoint);
  if (endpoint === undefined || model !== PRACTICE_MODEL) return;
  throw new MemGPTError(
    "invalid_input",
    `An endpoint needs the name of a model there: add --model NAME (the ${PRACTICE_MODEL} model is built in). Nothing was changed.`,
  );
}

function checkWindow(tokens: number): number {
  if (Number.isInteger(tokens) && tokens >= SMALLEST_WINDOW) return tokens;
  throw new MemGPTError(
    "invalid_input",
    `The context window must be a whole number of tokens, ${SMALLEST_WINDOW} or more, not ${tokens}.`,
  );
}

function checkLimit(characters: number): number {
  if (Number.isInteger(characters) && characters >= 1) return characters;
  throw new MemGPTError(
    "invalid_input",
    `The core memory limit must be a whole number of characters above 0, not ${characters}.`,
  );
}

/**
 * Default limit of a new agent's blocks, in characters: as configured, or the original's 2,000, or less in a window
 * where two full blocks would leave no room to talk.
 */
export function usualLimit(config: Pick<Config, "core_memory_limit" | "context_window">): number {
  return config.core_memory_limit ?? Math.min(2000, Math.floor(config.context_window * 0.35));
}
