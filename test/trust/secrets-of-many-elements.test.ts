import { readFileSync, readdirSync } from "node:fs";
import { entropyToMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Element } from "../../src/sources/element.ts";
import { SecretsScreen } from "../../src/sources/secrets.ts";
import { seedPhrases } from "../../src/trust/secrets/seed-phrase.ts";
import { plainSeedPhrases } from "./support/plain-seed-phrases.ts";

const POISONING = new URL("../fixtures/poisoning/", import.meta.url);

/** Texts of attacks, of look-alikes, and of this project: prose, tables and code. */
const TEXTS = [
  ...readdirSync(POISONING).flatMap((name) =>
    readFileSync(new URL(name, POISONING), "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly text: string }).text),
  ),
  ...["CHANGELOG.md", "SECURITY.md", "README.md", "src/trust/secrets/patterns.ts"].flatMap((name) =>
    readFileSync(new URL(`../../${name}`, import.meta.url), "utf8").split("\n\n"),
  ),
];
const TOKEN = `ghp_${"a1B2c3D4".repeat(5)}`;
const KEY = ["-----BEGIN RSA PRIVATE KEY-----", "MIIEpAIBAAKCAQEA".repeat(4), "-----END RSA PRIVATE KEY-----"];
const SECRETS = [
  TOKEN,
  `sk-proj-${"Ab1".repeat(30)}`,
  "postgres://ada:hunter22@example.com/x",
  "4111 1111 1111 1111",
  "_authToken=abcdef0123456789",
  'aws_secret_access_key = "wJalrXUtnFEMI1K7MDENG1bPxRfiCYzzzzzzzzzz"',
  "legal winner thank year wave sausage worth useful legal winner thank yellow",
  KEY.join("\n"),
  ...KEY,
];

const text = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.constantFrom(...SECRETS) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...TEXTS), fc.constantFrom(...SECRETS))
      .map(([before, secret]) => `${before} ${secret}`),
  },
);
const element: fc.Arbitrary<Element> = fc.oneof(
  text.map((of): Element => ({ kind: "paragraph", text: of })),
  text.map((of): Element => ({ kind: "heading", text: of })),
  fc.record({ kind: fc.constant("code"), text, under: text }),
  fc.record({ kind: fc.constant("row"), text, header: text }),
);

/** What is stored of a document, searched `window` characters at a time, and what was found in it. */
async function screened(elements: readonly Element[], window?: number) {
  const screen = new SecretsScreen("redact", window).of("notes.md", true);
  const stored: Element[] = [];
  for await (const kept of screen.screened(elements)) stored.push(kept);
  return { stored, found: screen.found };
}

test("many elements searched at once have the same secrets as each by itself", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(element, { maxLength: 30 }),
      fc.constantFrom(500, 4_000, undefined),
      async (all, window) => {
        expect(await screened(all, window)).toEqual(await screened(all, 0));
      },
    ),
    { numRuns: 300 },
  );
});

test("a private key of many elements is left out whole, wherever the searched parts end", async () => {
  const lines = [
    KEY[0],
    ...Array.from({ length: 60 }, (_, i) => `${"MIIEpAIBAAKCAQEA".repeat(3)}${i}`),
    KEY[2],
    "After it.",
  ];
  const elements = lines.map((line = ""): Element => ({ kind: "paragraph", text: line }));

  const each = await screened(elements, 0);

  for (const window of [1, 500, 2_000]) expect(await screened(elements, window)).toEqual(each);
  expect(each.stored.map((kept) => kept.text)).toEqual(["[redacted: private key]", "After it."]);
});

test("attacks, look-alikes and this project's texts have the same secrets searched at once as each by itself", async () => {
  const elements = TEXTS.flatMap((one, index): Element[] => [
    { kind: "paragraph", text: one },
    // Every two hundredth, so that most parts have none.
    ...(index % 200 === 0 ? [{ kind: "paragraph", text: `Use ${TOKEN}.` } as const] : []),
  ]);

  const each = await screened(elements, 0);

  expect(await screened(elements)).toEqual(each);
  expect(each.found.count).toBeGreaterThan(5);
});

const close = fc.constantFrom(" ", "\n", ", ", " - ", ".\n 12) ", "   ");
const gap = fc.oneof(
  { weight: 20, arbitrary: close },
  { weight: 1, arbitrary: fc.constantFrom(" é ", "         ", "/") },
);
const word = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...wordlist) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("a", "river", "métro", "straße", "extraordinary", "\u212aey", "Ab\u0301c", "中文"),
  },
);
const entropy = fc
  .constantFrom(16, 20, 24, 28, 32)
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
const phrase = fc.tuple(entropy, fc.array(gap, { minLength: 24, maxLength: 24 })).map(([of, gaps]) =>
  entropyToMnemonic(of, wordlist)
    .split(" ")
    .map((one, i) => (i % 5 === 4 ? one.toUpperCase() : one.replace("k", "\u212a")) + (gaps[i] ?? " "))
    .join(""),
);

test("the same seed phrases are found as with every word and every run tried", async () => {
  const prose = fc
    .array(fc.tuple(word, gap), { maxLength: 40 })
    .map((all) => all.map((pair) => pair.join("")).join(""));
  await fc.assert(
    fc.asyncProperty(prose, fc.option(phrase, { nil: "" }), prose, async (before, secret, after) => {
      const whole = before + secret + after;
      expect(await seedPhrases(whole)).toEqual(plainSeedPhrases(whole));
    }),
    { numRuns: 500 },
  );
  for (const one of TEXTS) expect(await seedPhrases(one)).toEqual(plainSeedPhrases(one));
});

test.each(["é", "\u0301", "\u{1d49c}", "中"])(
  "%j joined to a seed phrase makes a longer word of its first or last",
  async (letter) => {
    const seed = "legal winner thank year wave sausage worth useful legal winner thank yellow";

    for (const text of [`${letter}${seed}`, `${seed}${letter}`, `${letter} ${seed} ${letter}`])
      expect(await seedPhrases(text)).toEqual(plainSeedPhrases(text));
  },
);
