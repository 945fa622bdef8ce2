import { agentOverrides, block } from "../agent/arguments.ts";
import {
  type Rule,
  aCount,
  aFlag,
  aFunction,
  aNumber,
  aSignal,
  aText,
  anObject,
  filledText,
  listOf,
  must,
  nullable,
  objectOf,
  oneOf,
  optionsOf,
  optional,
} from "../agent/expect.ts";
import type { AgentOverrides } from "../agent/deps.ts";
import { EMBEDDING_PROVIDERS } from "../schema/embedding.ts";
import type { AgentFunction } from "../functions/define.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { Llm } from "../ports/llm.ts";
import type { AgentSettings, EmbeddingSettings } from "../schema/state.ts";
import type { SessionOptions } from "./agents.ts";
import type { BackupOptions, RestoreBackupOptions } from "../ports/backup.ts";
import type { ExportOptions } from "./export.ts";
import type { NewAgent } from "./new-agent.ts";
import type { MoveOptions } from "./move.ts";
import type { ReindexOptions } from "./reindex.ts";

// Rules for the arguments of the methods of `MemGPT`.

export type MemGPTOptions = {
  /** Home directory (default: `MEMGPT_DIR` or `~/.memgpt`). */
  readonly dir?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /**
   * PostgreSQL database of the agents, as `postgres://user@host:5432/name` (default: `MEMGPT_DATABASE`, the setting
   * `database`, or else files in `dir`).
   */
  readonly database?: string | undefined;
  /** The owner of the agents in that database (default: "local"). */
  readonly owner?: string | undefined;
  /** Home directory with the configuration and keys, if one person runs it for others (default: `dir`). */
  readonly settingsDir?: string | undefined;
  /** Creates an agent's model (default: by its settings). */
  readonly llm?: ((settings: AgentSettings) => Llm) | undefined;
  /** Creates an agent's embedder (default: by its settings). */
  readonly embedder?: ((settings: EmbeddingSettings) => Embedder) | undefined;
  /** The program's own functions for agents, in addition to the built-in ones. */
  readonly functions?: readonly AgentFunction[] | undefined;
  /** Whether `OPENAI_API_KEY` may be sent to endpoints without their own key (default: as configured). */
  readonly useOpenAiKey?: boolean | undefined;
  /** Now, ISO 8601 in UTC. */
  readonly now?: (() => string) | undefined;
  readonly newId?: (() => string) | undefined;
};

export const openOptions = optionsOf<MemGPTOptions>({
  dir: aText,
  settingsDir: aText,
  database: filledText,
  owner: filledText,
  env: anObject,
  llm: aFunction,
  embedder: aFunction,
  functions: listOf(agentFunction()),
  useOpenAiKey: aFlag,
  now: aFunction,
  newId: aFunction,
});

export const newAgent = both(
  agentOverrides,
  optionsOf<Omit<NewAgent, keyof AgentOverrides>>({
    name: aText,
    preset: aText,
    persona: aText,
    human: aText,
    system: filledText,
    blocks: listOf(block),
    coreMemoryLimit: aNumber,
  }),
);

export const sessionOptions = optionsOf<SessionOptions>({
  maxSteps: aCount,
  maxCost: aNumber,
  withoutModel: aFlag,
  verify: aFlag,
  consent: aFunction,
  allow: listOf(aText),
  incognito: aFlag,
});

export const exportOptions = objectOf<ExportOptions>({
  format: oneOf("markdown", "json", "af"),
  all: optional(aFlag),
  extras: optional(anObject),
});

export const copyOptions = optionsOf<{ readonly at?: string | undefined }>({ at: aText });

export const agentNames = must(
  'a list of names or "all"',
  (value) => value === "all" || (Array.isArray(value) && value.every((name) => typeof name === "string")),
);

export const backupOptions = optionsOf<BackupOptions>({ force: aFlag, signal: aSignal });

export const moveOptions = objectOf<MoveOptions>({ to: filledText, signal: optional(aSignal) });

export const restoreOptions = optionsOf<RestoreBackupOptions>({
  verify: aFlag,
  as: aText,
  force: aFlag,
  signal: aSignal,
});

const embedding = optionsOf<EmbeddingSettings>({
  provider: oneOf(...EMBEDDING_PROVIDERS),
  model: nullable(aText),
  endpoint: nullable(aText),
  dimensions: nullable(aCount),
});

export const reindexOptions = optionsOf<ReindexOptions>({ embedding, signal: aSignal });

/** The settings that choose a model. The others were checked when the agent was read. */
export const modelSettings = objectOf<Pick<AgentSettings, "model" | "endpoint" | "contextWindow" | "options">>({
  model: aText,
  endpoint: nullable(aText),
  contextWindow: aNumber,
  options: anObject,
});

export const resourceKind = oneOf("presets", "personas", "humans");

function agentFunction(): Rule {
  const shape = objectOf<AgentFunction>({
    name: aText,
    kind: aText,
    schema: anObject,
    call: aFunction,
    alias: optional(aText),
    proposes: optional(aFlag),
    deferred: optional(aFlag),
  });
  return must("made by defineFunction", (value) => shape(value, "") === undefined);
}

function both(first: Rule, second: Rule): Rule {
  return (value, name) => first(value, name) ?? second(value, name);
}
