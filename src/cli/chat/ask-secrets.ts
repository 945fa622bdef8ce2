import { findSecrets, redact } from "../../index.ts";
import type { SlashTerminal } from "../slash/command.ts";
import type { History } from "../terminal/history.ts";

/** A message as it is to be sent; undefined if it is not. */
export type Decided = { readonly text: string; readonly secrets: "keep" | "redact" } | undefined;

/**
 * Asks what should become of the secrets in a message, if it holds any. Unless they are kept, they leave the history of typed
 * lines, too. Leaving the question sends nothing.
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
    `Your message holds a secret: ${kinds}. What is stored is searched and sent to the model.`,
    [
      { value: "redact", name: `send it without: ${redacted}` },
      { value: "keep", name: "send and store it as it is" },
      { value: "drop", name: "do not send it" },
    ],
  );
  if (choice === "keep") return { text, secrets: "keep" };
  history.replaceNewest(text, redacted);
  return choice === "redact" ? { text: redacted, secrets: "keep" } : undefined;
}
