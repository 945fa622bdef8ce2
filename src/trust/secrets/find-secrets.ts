import { cardNumbers } from "./card-number.ts";
import { KEY_PATTERNS } from "./patterns.ts";
import type { lint } from "./secretlint.ts";
import { seedPhrases } from "./seed-phrase.ts";

/** A secret in a text. `from` and `to` are offsets in UTF-16 code units, `to` exclusive. */
export type Secret = { readonly kind: string; readonly from: number; readonly to: number };

/**
 * Finds keys, tokens, private keys, passwords in URLs, card numbers and seed phrases, with secretlint's recommended rules and those
 * of this folder.
 *
 * @returns the secrets from left to right, without overlaps.
 */
export async function findSecrets(text: string): Promise<Secret[]> {
  // Most messages cannot contain a key, and need no library.
  const found = MAY_HOLD_A_KEY.test(text) ? [...(await byLibrary(text)), ...byPattern(text)] : [];
  found.push(...cardNumbers(text).map((range) => ({ kind: "card number", ...range })));
  found.push(...(await seedPhrases(text)).map((range) => ({ kind: "seed phrase", ...range })));
  return withoutOverlaps(found);
}

/** `text` with each secret replaced by its kind. */
export function redact(text: string, secrets: readonly Secret[]): string {
  let shown = "";
  let from = 0;
  for (const secret of secrets) {
    shown += `${text.slice(from, secret.from)}[redacted: ${secret.kind}]`;
    from = secret.to;
  }
  return shown + text.slice(from);
}

const MAY_HOLD_A_KEY = /[\w+/.=-]{16}|PRIVATE KEY|:\/\//;

let library: Promise<{ readonly lint: typeof lint }> | undefined;

async function byLibrary(text: string): Promise<Secret[]> {
  const { lint: byRules } = await (library ??= import("./secretlint.ts"));
  return (await byRules(text)).map(({ rule, message, from, to }) => ({
    kind: KINDS[message] ?? rule.replace("@secretlint/secretlint-rule-", "").replaceAll("-", " "),
    from,
    to,
  }));
}

/** Kinds shown to people, by secretlint's message ids. */
const KINDS: Readonly<Record<string, string>> = {
  GITHUB_TOKEN: "GitHub token",
  SLACK_TOKEN: "Slack token",
  IncomingWebhook: "Slack webhook",
  SENDGRID_KEY: "SendGrid key",
  ANTHROPIC_API_KEY: "Anthropic key",
  OPENAI_API_KEY: "OpenAI key",
  AWSSecretAccessKey: "AWS secret key",
  AWSAccessKeyID: "AWS access key",
  AWSAccountID: "AWS account",
  NPM_ACCESS_TOKEN: "npm token",
  PrivateKey: "private key",
  BasicAuth: "password in a URL",
  PostgreSQLConnection: "password in a URL",
  MySQLConnection: "password in a URL",
  MongoDBConnection: "password in a URL",
};

function byPattern(text: string): Secret[] {
  return KEY_PATTERNS.flatMap(({ kind, pattern }) =>
    Array.from(text.matchAll(pattern), (match) => {
      const secret = match[1] ?? match[0];
      const from = match.index + match[0].lastIndexOf(secret);
      return { kind, from, to: from + secret.length };
    }),
  );
}

/** Merges overlapping secrets into one, named after the first. */
function withoutOverlaps(secrets: readonly Secret[]): Secret[] {
  const sorted = [...secrets].sort((a, b) => a.from - b.from || b.to - a.to);
  const kept: Secret[] = [];
  for (const secret of sorted) {
    const last = kept.at(-1);
    if (last === undefined || secret.from >= last.to) kept.push(secret);
    else if (secret.to > last.to) kept[kept.length - 1] = { ...last, to: secret.to };
  }
  return kept;
}
