import type { AgentEvent, InputEvent } from "../schema/events.ts";
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

/** `event` with the secrets in a person's message redacted; first yields the notice that says so. */
export async function* screenedEvent(
  event: InputEvent,
  policy: SecretPolicy,
): AsyncGenerator<AgentEvent, InputEvent, void> {
  if (event.type !== "user_message") return event;
  const { text, redacted } = await screenedText(event.message, policy);
  if (redacted.length === 0) return event;
  yield { type: "notice", code: "redacted", text: `Redacted before it was stored or sent: ${redacted.join(", ")}.` };
  return { ...event, message: text };
}
