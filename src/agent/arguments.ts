import { MemGPTError } from "../errors.ts";
import { ALERTS } from "../schema/alerts.ts";
import { ownWords } from "../schema/own-words.ts";
import type { ListRequest, PageRequest } from "../schema/page.ts";
import type { InputEvent } from "../schema/events.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { Block } from "../schema/state.ts";
import type { AgentChanges, AgentOverrides } from "./deps.ts";
import type { BlockChanges } from "./edit.ts";
import type { EmbedSaidOptions } from "./embed-said.ts";
import type { TurnWishes } from "./equipment.ts";
import {
  type FieldRules,
  type MethodRules,
  aCount,
  aFlag,
  aFunction,
  aNumber,
  aSignal,
  aText,
  anObject,
  expectArguments,
  filledText,
  listOf,
  must,
  objectOf,
  oneOf,
  optional,
  optionsOf,
} from "./expect.ts";
import type { AddedPassage, ImportPace, ImportedMessage } from "./import.ts";
import type { SecretPolicy } from "./screening.ts";
import type { WriteOptions } from "./written-by.ts";
import { beginning } from "../schema/beginning.ts";

export type SendOptions = {
  readonly signal?: AbortSignal | undefined;
  /** What to do with secrets in the message (default: as configured). */
  readonly secrets?: SecretPolicy | undefined;
} & TurnWishes;

/** Answers to waiting calls. */
export const callAnswers = listOf(
  must("an answer with callId, and with status and output or approved: true", (value) => {
    const { callId, status, output, approved } = Object(value) as Readonly<Record<string, unknown>>;
    const isReturn = (status === "OK" || status === "Failed") && typeof output === "string";
    return typeof callId === "string" && (isReturn || approved === true);
  }),
);

/**
 * `message` replaces the person's last message, or the one with the id `from`, which must be in context. `id`: the id to store
 * it under (default: a new one).
 */
export type RetryOptions = SendOptions & {
  readonly message?: string | undefined;
  readonly id?: string | undefined;
  readonly from?: string | undefined;
};

/** `hint`: what the summary must not leave out. */
export type SummarizeOptions = SendOptions & { readonly hint?: string | undefined };

/** `edited`: accepts a file that was edited by hand, whose checksum is therefore wrong. */
export type LoadOptions = { readonly edited?: boolean };

/** Characters of a message in the name of a turn. */
const EXCERPT = 40;
const LONGEST_CHECKPOINT_NAME = 64;

/** @throws MemGPTError `invalid_input` for an event that is malformed, empty or has an invalid time. */
export function checkEvent(event: InputEvent): void {
  expectArguments({ input: [event, inputEvent] });
  checkTime(event.time);
  if (event.type === "user_message" && event.message.trim() === "") {
    throw new MemGPTError("invalid_input", "The message is empty. Nothing was sent.");
  }
}

const eventKind = objectOf({
  type: oneOf("user_message", "login", "heartbeat", "system_alert"),
  time: optional(aText),
});

const textOrEvent = must("text or an event", (value) => typeof value === "object" && value !== null);

function inputEvent(value: unknown, name: string): string | undefined {
  const problem = textOrEvent(value, name) ?? eventKind(value, name);
  if (problem !== undefined) return problem;
  const { type } = value as InputEvent;
  if (type === "login") return undefined;
  if (type === "user_message") return objectOf({ message: aText, id: optional(aText) })(value, name);
  if (type === "heartbeat") return objectOf({ reason: aText })(value, name);
  return objectOf({ message: aText, alert: optional(oneOf(...ALERTS)) })(value, name);
}

const sending = {
  signal: aSignal,
  secrets: oneOf("keep", "redact"),
  deferred: listOf(objectOf<FunctionSchema>({ name: aText, description: aText, parameters: anObject })),
  approve: listOf(aText),
  maxSteps: aCount,
  answeredBy: objectOf<NonNullable<SendOptions["answeredBy"]>>({ model: optional(aText), endpoint: optional(aText) }),
} satisfies FieldRules<SendOptions>;
export const sendOptions = optionsOf(sending);

export const importPace = optionsOf<ImportPace>({ signal: aSignal, onProgress: aFunction });
export const writeOptions = optionsOf<WriteOptions>({ signal: aSignal, by: aText });
export const retryOptions = optionsOf<RetryOptions>({ ...sending, message: aText, id: aText, from: aText });
export const summarizeOptions = optionsOf<SummarizeOptions>({ ...sending, hint: aText });
export const embedSaidOptions = optionsOf<EmbedSaidOptions>({ ...sending, onProgress: aFunction });
export const loadOptions = optionsOf<LoadOptions>({ edited: aFlag });
const overrides = { model: aText, endpoint: aText, contextWindow: aNumber } satisfies FieldRules<AgentOverrides>;
export const agentOverrides = optionsOf<AgentOverrides>(overrides);
export const agentChanges = optionsOf<AgentChanges>({ ...overrides, system: filledText, blockIds: listOf(aText) });

const blockFields = {
  label: aText,
  value: aText,
  limit: aCount,
  description: optional(aText),
  readOnly: optional(aFlag),
  private: optional(aFlag),
} satisfies FieldRules<BlockChanges>;
export const block = objectOf<Block>({ id: optional(aText), ...blockFields });
export const blockChanges = optionsOf<BlockChanges>(blockFields);

const moment = must("a Date or text", (value) => typeof value === "string" || value instanceof Date);
const passage = { text: aText, createdAt: optional(moment) } satisfies FieldRules<AddedPassage>;
export const addedPassages = listOf(objectOf<AddedPassage>(passage));
export const importedMessages = listOf(
  objectOf<ImportedMessage>({ ...passage, role: oneOf("user", "assistant"), name: optional(aText) }),
);

/** @throws MemGPTError `invalid_input` if `time` is not a time. */
function checkTime(time: string | undefined): void {
  if (time === undefined || !Number.isNaN(Date.parse(time))) return;
  throw new MemGPTError(
    "invalid_input",
    `${JSON.stringify(time)} is not a time. Nothing was sent; write it as ISO 8601.`,
  );
}

const page = objectOf<PageRequest>({ page: aNumber, size: aNumber });
const query = objectOf<{ readonly text: string }>({ text: aText });

/** Argument rules for the methods of recall storage, archival storage and the journal. */
export const storageRules: MethodRules = {
  search: [
    ["query", query],
    ["page", page],
  ],
  searchSessions: [
    ["query", query],
    ["page", page],
  ],
  searchDate: [
    ["range", anObject],
    ["page", page],
  ],
  around: [
    ["id", aText],
    ["count", aNumber],
  ],
  latest: [["count", aNumber]],
  list: [
    [
      "request",
      objectOf<ListRequest>({ newestFirst: aFlag, count: aCount, after: optional(aText), before: optional(aText) }),
    ],
  ],
  get: [["id", aText]],
  entries: [
    ["from", aNumber],
    ["to", aNumber],
  ],
  blockEntries: [["label", optional(aText)]],
  causedBy: [["cause", aText]],
};

/** The name, normalized. @throws MemGPTError `invalid_input` if it is blank, only digits, too long or has control characters. */
export function checkCheckpointName(name: string): string {
  const trimmed = name.trim().normalize("NFC");
  const good =
    trimmed !== "" && trimmed.length <= LONGEST_CHECKPOINT_NAME && !/^\d+$/.test(trimmed) && !/\p{Cc}/u.test(trimmed);
  if (good) return trimmed;
  throw new MemGPTError(
    "invalid_input",
    `${JSON.stringify(name.slice(0, 80))} cannot name a checkpoint: use at most ${LONGEST_CHECKPOINT_NAME} characters on one ` +
      "line, not only digits. Nothing was saved.",
  );
}

/** The beginning of a text on one line, in quotes. */
export function excerpt(text: string): string {
  const own = ownWords(text).trim();
  const line = (own === "" ? text : own).replace(/\s+/g, " ").trim();
  return `"${line.length <= EXCERPT ? line : `${beginning(line, EXCERPT)}…`}"`;
}
