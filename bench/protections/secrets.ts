import { readFileSync } from "node:fs";
import { type Mutation, inFile } from "./mutation.ts";

const FOUND = "test/trust/find-secrets.test.ts";
const TEST = "test/agent/secrets.test.ts";
const SOURCES = "test/trust/secrets-in-sources.test.ts";
const CREDENTIALS = "test/settings/credentials.test.ts";
const PATTERNS = "src/trust/secrets/patterns.ts";

const FINDING = inFile("src/trust/secrets/find-secrets.ts", FOUND);
const LIBRARY = inFile("src/trust/secrets/secretlint.ts", FOUND);
const COMMANDS = inFile("src/agent/commands.ts", TEST);
const AGENT = inFile("src/agent/agent.ts", TEST);
const IMPORT = inFile("src/agent/import.ts", TEST);
const NEW_AGENT = inFile("src/host/new-agent.ts", TEST);
const DOCUMENTS = inFile("src/sources/secrets.ts", SOURCES);
const TYPED = inFile("src/cli/chat/ask-secrets.ts", "test/e2e/secrets.test.ts");
const KEYS = inFile("src/settings/credentials.ts", CREDENTIALS);
const KEY_FILE = inFile("src/settings/credentials-file.ts", CREDENTIALS);

/** The rules of secretlint that know what no pattern of ours knows. */
const RULES = ["anthropic", "linear", "npm", "shopify"];

/** Each kind of our own patterns. */
function eachPattern(): Mutation[] {
  const source = readFileSync(new URL(`../../${PATTERNS}`, import.meta.url), "utf8");
  return [...source.matchAll(/^ {2}\{[^]*?kind: "([^"]+)",[^]*?\},\n/gm)].map(([text, kind], index) =>
    inFile(PATTERNS, FOUND)(`secrets: pattern ${index + 1}, ${kind}`, text, ""),
  );
}

/** Each kind of secret, each copy it must not be in, and keys. */
export const SECRETS: readonly Mutation[] = [
  ...eachPattern(),
  ...RULES.map((rule) =>
    LIBRARY(
      `secrets: secretlint's rule ${rule}`,
      "if (rule.meta.id === COMMENTS) continue;",
      `if (rule.meta.id === COMMENTS || rule.meta.id === "@secretlint/secretlint-rule-${rule}") continue;`,
    ),
  ),
  LIBRARY("secrets: no comment turns rules off", "if (rule.meta.id === COMMENTS) continue;", ""),
  FINDING("secrets: card numbers", "cardNumbers(text).map", "[].map"),
  FINDING("secrets: seed phrases", "(await seedPhrases(text)).map", "[].map"),
  inFile("src/trust/secrets/card-number.ts", FOUND)(
    "secrets: the check digit of cards",
    "ISSUER.test(digits) && hasCheckDigit(digits)",
    "ISSUER.test(digits)",
  ),
  inFile("src/trust/secrets/seed-phrase.ts", FOUND)(
    "secrets: the checksum of seed phrases",
    'isPossible && validateMnemonic(part.join(" "), wordlist)',
    "isPossible",
  ),
  FINDING("secrets: overlapping ones", "return withoutOverlaps(found);", "return found;"),
  inFile("src/agent/screening.ts", TEST)(
    "redaction: what a person says",
    "if (redacted.length === 0) return event;",
    "if (redacted !== undefined) return event;",
  ),
  AGENT("redaction: a message sent again with other words", "(await screenedText(message, secrets)).text", "message"),
  AGENT(
    "redaction: names of checkpoints",
    "typed === null ? null : await screenedWrite(typed, session.parts)",
    "typed",
  ),
  inFile("src/agent/agent-editor.ts", TEST)(
    "redaction: the prompt",
    "const after = await screenedWrite(text, session.parts);",
    "const after = text;",
  ),
  COMMANDS(
    "redaction: thoughts",
    "const text = await screenedWrite(typed, session.parts);\n  const message = await wholeOf(newestAnswer",
    "const text = typed;\n  const message = await wholeOf(newestAnswer",
  ),
  COMMANDS(
    "redaction: replies",
    "const text = await screenedWrite(typed, session.parts);\n  const message = await wholeOf(newestReply",
    "const text = typed;\n  const message = await wholeOf(newestReply",
  ),
  COMMANDS(
    "redaction: edited messages",
    "const text = await screenedWrite(typed, session.parts);\n  const before",
    "const text = typed;\n  const before",
  ),
  COMMANDS("redaction: blocks of an agent that is wiped", "state: { ...initial, blocks }", "state: initial"),
  COMMANDS("redaction: edited blocks", "const value = await screenedWrite(written, parts);", "const value = written;"),
  COMMANDS(
    "redaction: new blocks",
    "const block = await screenedBlock(written, (text) => screenedWrite(text, session.parts));",
    "const block = written;",
  ),
  COMMANDS(
    "redaction: changed blocks",
    "const changes = await screenedBlock(written, (text) => screenedWrite(text, session.parts));",
    "const changes = written;",
  ),
  COMMANDS(
    "redaction: the prompt as a setting",
    "system === undefined ? undefined : await screenedWrite(system, parts)",
    "system",
  ),
  COMMANDS(
    "redaction: hints for a summary",
    "typed === undefined ? undefined : await screenedWrite(typed, session.parts)",
    "typed",
  ),
  inFile("src/agent/screening.ts", TEST)(
    "redaction: descriptions of blocks",
    "{ description: await screen(description) }",
    "{ description }",
  ),
  IMPORT("redaction: imported messages", "packed.push(pack({ ...message, text }, {", "packed.push(pack(message, {"),
  IMPORT("redaction: passages", "texts.map(({ text }) => screenedText(text, secrets))", "texts.map(async (it) => it)"),
  inFile("src/agent/calls.ts", "test/agent/poison-from-elsewhere.test.ts", "secret")(
    "redaction: what tools return",
    "const { text: output, redacted } = await screenedText(executed.output, secrets);",
    "const [output, redacted] = [executed.output, [] as string[]];",
  ),
  NEW_AGENT(
    "redaction: blocks of a new agent",
    "await Promise.all(written.map((block) => screenedBlock(block, screen)))",
    "written",
  ),
  NEW_AGENT(
    "redaction: the prompt of a new agent",
    "preset.system : await screen(options.system)",
    "preset.system : options.system",
  ),
  inFile("src/host/block-desk.ts", TEST)(
    "redaction: shared blocks",
    "return screenedBlock(block, async (text) => (await screenedText(text, policy)).text);",
    "return block;",
  ),
  inFile("src/host/save-resource.ts", TEST)(
    "redaction: personas and humans",
    "const { text } = await screenedText(written, secretPolicy(house.config));",
    "const text = written;",
  ),
  inFile("src/host/import.ts", "test/host/import.test.ts")(
    "redaction: blocks of an agent file",
    "const { text: value } = await screenedText(block.value, secretPolicy(config));",
    "const { value } = block;",
  ),
  DOCUMENTS("redaction: documents", "return redact(text, secrets);", "return text;"),
  DOCUMENTS("redaction: names of documents", "return `${redacted} (", "return `${name} ("),
  DOCUMENTS("redaction: headers of tables", "screened: await this.#text(element.header)", "screened: element.header"),
  DOCUMENTS("redaction: keys that empty lines part", 'if (isKey && end === null) return "";', ""),
  DOCUMENTS(
    "redaction: documents that were stored with their secrets",
    "return [bytes, bytes + REDACTED];",
    "return [bytes, bytes + REDACTED, bytes + KEPT];",
  ),
  TYPED("redaction: typed lines", "history.replaceNewest(typed, redact(typed, secrets))", "void typed", {
    isBuilt: true,
  }),
  KEYS("keys: to their own endpoint only", ".filter(([url]) => target === url || target.startsWith(`${url}/`))", ""),
  KEYS(
    "keys: OpenAI's goes elsewhere only with consent",
    "return mostSpecific(Object.entries(config.use_openai_key), endpoint) === true;",
    "return true;",
  ),
  KEYS(
    "keys: a variable of a service is for that service",
    "const variable = hostedAt(endpoint)?.keyVariable;",
    'const variable = "GROQ_API_KEY";',
  ),
  KEYS(
    "keys: shown by their end only",
    'return `${key.startsWith("sk-") ? "sk-" : ""}…${key.slice(-4)}`;',
    "return key;",
  ),
  KEYS(
    "keys: a warning before plain http",
    "if (found === undefined || endpoint === null ||",
    "if (found !== undefined || endpoint === null ||",
  ),
  KEY_FILE("keys: a file that others can read is ignored", "if (isOpenToOthers(file)) {", 'if (file === "") {'),
  KEY_FILE(
    "keys: an error does not quote the file",
    '`${parsed.error.issues[0]?.path.join(".") ?? "it"} is not valid`',
    "text",
  ),
  inFile("src/storage/files/atomic.ts", CREDENTIALS)(
    "keys: files are for their owner only",
    'const fd = openSync(temporary, "w", 0o600);',
    'const fd = openSync(temporary, "w", 0o644);',
  ),
];
