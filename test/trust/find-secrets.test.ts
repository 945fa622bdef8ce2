import { describe, expect, test } from "vitest";
import { findSecrets, redact } from "../../src/trust/secrets/find-secrets.ts";

/** `length` characters that look random and are the same each time. */
function filler(length: number, alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"): string {
  return Array.from({ length }, (_, index) => alphabet[(index * 7919 + 13 * index * index) % alphabet.length]).join("");
}

const secrets: readonly (readonly [kind: string, secret: string])[] = [
  ["API key", `sk-proj-${filler(60)}`],
  ["Anthropic key", `sk-ant-api03-${filler(93)}AA`],
  ["GitHub token", `ghp_${filler(36)}`],
  ["GitLab token", `glpat-${filler(20)}`],
  ["AWS access key", `AKIAIOSFODNN7EXAMPLE`],
  ["Google API key", `AIza${filler(35)}`],
  ["Slack token", `xoxb-123456789012-1234567890123-${filler(24)}`],
  ["Stripe key", `sk_live_${filler(24)}`],
  ["Hugging Face token", `hf_${filler(34)}`],
  ["JSON web token", `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${filler(43)}`],
  ["private key", `-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7abcdefghijklmnop\n-----END RSA PRIVATE KEY-----`],
  ["card number", "4111 1111 1111 1111"],
  ["card number", "5555-5555-5555-4444"],
  ["card number", "378282246310005"],
  ["seed phrase", "legal winner thank year wave sausage worth useful legal winner thank yellow"],
];

const hex = (length: number): string => filler(length, "0123456789abcdef");
const capitals = (length: number): string => filler(length, "ABCDEFGHJKLMNPQRSTUVWXYZ234567");

/** Keys of which each is found by one pattern or one rule of secretlint alone. */
const others: readonly (readonly [kind: string, secret: string])[] = [
  ["private key", `-----BEGIN PGP PRIVATE KEY BLOCK-----\n${filler(64)}\n-----END PGP PRIVATE KEY BLOCK-----`],
  ["private key", `AGE-SECRET-KEY-1${capitals(58)}`],
  ["API key", `sk-or-v1-${hex(64)}`],
  ["AWS access key", `ASIA${capitals(16)}`],
  ["Google OAuth token", `ya29.${filler(40)}`],
  ["GitHub token", `github_pat_${filler(60)}`],
  ["Slack token", `https://hooks.slack.com/services/${filler(30)}`],
  ["Groq key", `gsk_${filler(52)}`],
  ["xAI key", `xai-${filler(80)}`],
  ["Replicate token", `r8_${filler(37)}`],
  ["npm token", `npm_${filler(36)}`],
  ["PyPI token", `pypi-AgEIcHlwaS5vcmc${filler(60)}`],
  ["SendGrid key", `SG.${filler(20)}.${filler(20)}`],
  ["Twilio key", `SK${hex(32)}`],
  ["Mailgun key", `key-${hex(32)}`],
  ["DigitalOcean token", `dop_v1_${hex(64)}`],
  ["Telegram bot token", `123456789:AA${filler(33)}`],
  ["Discord token", `M${filler(23)}.${filler(6)}.${filler(27)}`],
  ["shopify", `shpat_${hex(32)}`],
  ["linear", `lin_api_${filler(40)}`],
];

describe("in a message", () => {
  test.each(others)("a less common key is found and redacted: %s", async (kind, secret) => {
    const text = `Keep this for me: ${secret} and remind me on Friday.`;

    expect(redact(text, await findSecrets(text))).toBe(
      `Keep this for me: [redacted: ${kind}] and remind me on Friday.`,
    );
  });

  test.each([
    [`awsSecretKey: ${filler(40)}`, filler(40), "AWS secret key"],
    [`AccountKey=${filler(86)}==`, filler(86), "Azure storage key"],
    [`Bearer ${filler(32)}`, filler(32), "bearer token"],
    ["ftp://ada:hunter22@db.example", "hunter22", "password in a URL"],
  ])("only the secret goes from %s", async (text, secret, kind) => {
    const shown = redact(text, await findSecrets(text));

    expect(shown).toContain(`[redacted: ${kind}]`);
    expect(shown).not.toContain(secret);
    expect(shown.slice(0, 4)).toBe(text.slice(0, 4));
  });

  test.each(secrets)("only a secret is found and redacted: %s", async (kind, secret) => {
    const text = `Keep this for me: ${secret} and remind me on Friday.`;

    const found = await findSecrets(text);

    expect(redact(text, found)).toBe(`Keep this for me: [redacted: ${kind}] and remind me on Friday.`);
  });

  test("several secrets are found from left to right", async () => {
    const text = `${secrets[11]?.[1] ?? ""}, then ${secrets[2]?.[1] ?? ""}`;

    expect(redact(text, await findSecrets(text))).toBe("[redacted: card number], then [redacted: GitHub token]");
  });

  test("a numbered seed phrase is found", async () => {
    const words = "legal winner thank year wave sausage worth useful legal winner thank yellow".split(" ");
    const text = words.map((word, index) => `${String(index + 1)}. ${word}`).join("\n");

    expect(redact(text, await findSecrets(text))).toBe("1. [redacted: seed phrase]");
  });

  test("a password in a URL is redacted", async () => {
    const url = `https://ada:hunter22@example.com/x`;

    expect(redact(url, await findSecrets(url))).not.toContain("hunter22");
  });

  test("a comment that disables rules in source code has no effect", async () => {
    const text = `// secretlint-disable\n${secrets[2]?.[1] ?? ""}`;

    expect(await findSecrets(text)).toHaveLength(1);
  });

  test("looking for secrets leaves no record in the process", async () => {
    const marks = (): number =>
      performance.getEntriesByType("mark").length + performance.getEntriesByType("measure").length;
    const before = marks();

    await findSecrets(`the build of ${filler(40)} passed`);

    expect(marks()).toBe(before);
  });

  test.each([
    "Call me at +49 170 1234567 or 555-123-4567.",
    "Order 1234567890123456 has shipped.",
    "4111 1111 1111 1112 lacks the right check digit",
    "123e4567-e89b-12d3-a456-426614174000",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "IBAN DE89 3704 0044 0532 0130 00",
    "https://example.com/a/very/long/path/with/many-parts?x=1",
    "sk-learn is a library",
    "legal winner thank year wave sausage worth useful legal winner thank zebra",
    "long story ".repeat(300),
    Array.from({ length: 60 }, (_, i) => `word3-${i}`).join(" "),
    "The quick brown fox jumps over lazy dogs when winter comes and nobody looks outside again today.",
  ])("nothing is a secret in: %s", async (text) => {
    expect(await findSecrets(text)).toEqual([]);
  });
});
