import { findSecrets, redact } from "../../index.ts";
import type { SlashTerminal } from "../slash/command.ts";
import type { History } from "../terminal/history.ts";

/** The message to send; undefined to send nothing. */
export type Decided = { readonly text: string; readonly secrets: "keep" | "redact" } | undefined;

type Place = { readonly terminal: Pick<SlashTerminal, "pick">; readonly history: History };

/** Applies the setting `secrets` to a message. `typed`: the line as the person entered it. */
export async function decideAboutSecrets(
  { text, typed }: { readonly text: string; readonly typed: string },
  { secrets, ...place }: Place & { readonly secrets: "ask" | "keep" | "redact" },
): Promise<Decided> {
  if (secrets === "ask") return askAboutSecrets({ text, typed }, place);
  await screenTyped(typed, secrets, place.history);
  return { text, secrets };
}

/** Redacts the secrets of a typed line in the history of typed lines, unless they are kept. */
export async function screenTyped(typed: string, policy: "ask" | "keep" | "redact", history: History): Promise<void> {
  if (policy === "keep") return;
  const secrets = await findSecrets(typed);
  if (secrets.length > 0) history.replaceNewest(typed, redact(typed, secrets));
}

/**
 * Asks what to do with the secrets in a message, if there are any. Unless the person keeps them, also removes them from the
 * history of typed lines. Cancelling sends nothing.
 */
async function askAboutSecrets(
  { text, typed }: { readonly text: string; readonly typed: string },
  { terminal, history }: Place,
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
  await screenTyped(typed, "redact", history);
  return choice === "redact" ? { text: redacted, secrets: "keep" } : undefined;
}
