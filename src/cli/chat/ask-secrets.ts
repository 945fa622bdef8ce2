import { findSecrets, redact } from "../../index.ts";
import type { SlashTerminal } from "../slash/command.ts";
import type { History } from "../terminal/history.ts";

/** The message to send; undefined to send nothing. */
export type Decided = { readonly text: string; readonly secrets: "keep" | "redact" } | undefined;

/**
 * Asks what to do with the secrets in a message, if there are any. Unless the person keeps them, they are also removed from
 * the history of typed lines. Cancelling sends nothing.
 */
export async function askAboutSecrets(
  text: string,
  { terminal, history }: { readonly terminal: Pick<SlashTerminal, "pick">; readonly history: History },
): Promise<Decided> {
  const secrets = await findSecrets(text);
  if (secrets.length === 0) return { text, secrets: "keep" };
  const redacted = redact(text, secrets);
  const kinds = [...new Set(secrets.map(({ kind }) => kind))].join(" and ");
  const choice = await terminal.pick(
    `Your message contains a secret: ${kinds}. Stored messages are searched and sent to the model.`,
    [
      { value: "redact", name: `send it without the secret: ${redacted}` },
      { value: "keep", name: "send and store it unchanged" },
      { value: "drop", name: "do not send it" },
    ],
  );
  if (choice === "keep") return { text, secrets: "keep" };
  history.replaceNewest(text, redacted);
  return choice === "redact" ? { text: redacted, secrets: "keep" } : undefined;
}
