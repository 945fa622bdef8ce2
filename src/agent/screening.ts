import type { NoticeSink } from "../ports/notices.ts";
import type { AgentEvent, InputEvent } from "../schema/events.ts";
import type { Block } from "../schema/state.ts";
import { findSecrets, redact } from "../trust/secrets/find-secrets.ts";

/** What to do with keys, tokens, card numbers and seed phrases in a text before it is stored. */
export type SecretPolicy = "keep" | "redact";

export type Screened = {
  readonly text: string;
  /** The kinds of what was redacted, each once. */
  readonly redacted: readonly string[];
};

export async function screenedText(text: string, policy: SecretPolicy): Promise<Screened> {
  if (policy === "keep") return { text, redacted: [] };
  const secrets = await findSecrets(text);
  return { text: redact(text, secrets), redacted: [...new Set(secrets.map(({ kind }) => kind))] };
}

/** The notice about redacted secrets. */
function redactedText(kinds: readonly string[]): string {
  return `Redacted before it was stored or sent: ${kinds.join(", ")}.`;
}

type Writing = { readonly secrets: SecretPolicy; readonly notices: { readonly add: NoticeSink } };

/** Redacts a text that a person writes to memory. A notice names the kinds of secrets. */
export async function screenedWrite(text: string, { secrets, notices }: Writing): Promise<string> {
  const screened = await screenedText(text, secrets);
  if (screened.redacted.length > 0) notices.add(redactedText(screened.redacted));
  return screened.text;
}

/** Redacts a person's text and description of a block. `screen` redacts one text. */
export async function screenedBlock<T extends Partial<Pick<Block, "value" | "description">>>(
  block: T,
  screen: (text: string) => Promise<string>,
): Promise<T> {
  const { value, description } = block;
  return {
    ...block,
    ...(value === undefined ? {} : { value: await screen(value) }),
    ...(description === undefined ? {} : { description: await screen(description) }),
  };
}

/** Returns `event` with its message redacted, after yielding a notice if anything was. */
export async function* screenedEvent(
  event: InputEvent,
  policy: SecretPolicy,
): AsyncGenerator<AgentEvent, InputEvent, void> {
  if (!("message" in event)) return event;
  const { text, redacted } = await screenedText(event.message, policy);
  if (redacted.length === 0) return event;
  yield { type: "notice", code: "redacted", text: redactedText(redacted) };
  return { ...event, message: text };
}
