import { cardNumbers } from "./card-number.ts";
import { KEY_PATTERNS } from "./patterns.ts";
import { seedPhrases } from "./seed-phrase.ts";

/** A secret in a text. `from` and `to` are offsets in UTF-16 code units, `to` exclusive. */
export type Secret = { readonly kind: string; readonly from: number; readonly to: number };

/**
 * Finds keys, tokens, private keys, passwords in URLs, card numbers and seed phrases, by the rules that secretlint recommends
 * and by those of this folder.
 *
 * @returns the secrets from left to right. They do not overlap.
 */
export async function findSecrets(text: string): Promise<Secret[]> {
  // Nothing shorter, and no text of plain words only, holds a key: most messages need no library.
  const found = MAY_HOLD_A_KEY.test(text) ? [...(await byLibrary(text)), ...byPattern(text)] : [];
  found.push(...cardNumbers(text).map((range) => ({ kind: "card number", ...range })));
  found.push(...(await seedPhrases(text)).map((range) => ({ kind: "seed phrase", ...range })));
  return withoutOverlaps(found);
}

/** `text` with each secret replaced by what it was. */
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

async function byLibrary(text: string): Promise<Secret[]> {
  const [{ lintSource }, { creator }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
  ]);
  const { messages } = await lintSource({
    source: { filePath: "message.txt", content: text, ext: ".txt", contentType: "text" },
    options: { config: { rules: [{ id: PRESET, rule: creator, rules: NO_COMMENTS }] }, noPhysicFilePath: true },
  });
  return messages.map(({ ruleId, messageId, range: [from, to] }) => ({
    kind: KINDS[messageId] ?? ruleId.replace("@secretlint/secretlint-rule-", "").replaceAll("-", " "),
    from,
    to,
  }));
}

const PRESET = "@secretlint/secretlint-rule-preset-recommend";
/** In a source file, a comment can turn rules off. In a conversation, that would be a way around them. */
const NO_COMMENTS = [{ id: "@secretlint/secretlint-rule-filter-comments", disabled: true }];

/** What people call the secrets of secretlint's messages. */
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

/** Of secrets that overlap, one that covers all of them, named by the first that began. */
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
