import { readFileSync } from "node:fs";
import { type Mutation, inFile } from "./mutation.ts";

const TEST = "test/trust/find-suspicion.test.ts";
const RULES = inFile("src/trust/poison/rules.ts", TEST);
const DECODE = inFile("src/trust/poison/decode.ts", TEST);
const PLAIN = inFile("src/trust/poison/plain.ts", TEST);
const FIND = inFile("src/trust/poison/find-suspicion.ts", TEST);
const PATTERNS = "src/trust/poison/patterns.ts";

/** The classes of rules. */
const CLASSES = ["instructions", "identity", "exfiltration", "secrecy", "function", "trigger", "memory"];

const EACH_RULE = "  for (const rule of RULES) {\n";

/** The patterns of a list in `patterns.ts`, by their place in it. */
function patternsOf(list: string): Mutation[] {
  const source = readFileSync(new URL(`../../${PATTERNS}`, import.meta.url), "utf8");
  const [, body = ""] = new RegExp(`${list}: readonly RegExp\\[\\] = \\[\\n([^]*?)\\n\\];`).exec(source) ?? [];
  return body
    .split("\n")
    .map((line, index) => inFile(PATTERNS, TEST)(`rules against poison: ${list} ${index + 1}`, `${line}\n`, ""));
}

/** The rules against poison: each class, each mark, each disguise. */
export const POISON: readonly Mutation[] = [
  ...CLASSES.map((name) =>
    RULES(`rules against poison: ${name}`, EACH_RULE, `${EACH_RULE}    if (rule.is === "${name}") continue;\n`),
  ),
  ...patternsOf("MARKERS"),
  ...patternsOf("LEAKING_LINK"),
  DECODE("disguise: base64", "add(found, base64(run));", "base64(run);"),
  DECODE("disguise: base32", "add(found, base32(run));", "base32(run);"),
  DECODE("disguise: hexadecimal", `add(found, bytes(run.match(/[0-9a-f]{2}(?![xX])/gi) ?? [], 16));`, "void run;"),
  DECODE("disguise: binary", "add(found, bytes(run.match(/[01]{8}/g) ?? [], 2));", "void run;"),
  DECODE("disguise: decimal numbers", `add(found, bytes(run.match(/\\d+/g) ?? [], 10));`, "void run;"),
  DECODE("disguise: percent signs", "add(found, percent(text));", "percent(text);"),
  DECODE("disguise: entities", "add(found, entities(text));", "entities(text);"),
  DECODE("disguise: escapes", "add(found, escapes(text));", "escapes(text);"),
  DECODE("disguise: tags", `if (tags.length > 3) found.push(tags.join(""));`, ""),
  DECODE("disguise: variation selectors", "if (selectors.length > 7)", "if (selectors.length > 7e9)"),
  DECODE("disguise: several layers", "const LAYERS = 3;", "const LAYERS = 1;"),
  DECODE("disguise: backwards", "if (BACKWARDS.test(text)) found", "if (text === BACKWARDS.source) found"),
  DECODE("disguise: rotated", "if (!ROTATED.test(text)) return found;", "return found;"),
  PLAIN("disguise: compatibility forms", `    .normalize("NFKC")\n`, ""),
  PLAIN("disguise: invisible characters between letters", `    .replace(INVISIBLE, "")\n`, ""),
  PLAIN(
    "disguise: letters of other scripts",
    "word.replace(/\\P{ASCII}/gu, (letter) => LOOKALIKES[letter] ?? letter)",
    "word",
  ),
  PLAIN("disguise: Latin letters in Cyrillic words", "CYRILLIC[letter] ?? letter)", "letter)"),
  PLAIN("disguise: digits for letters", "DIGITS[digit] ?? digit", "digit"),
  PLAIN("disguise: spelled letter by letter", `word.replace(/[ .\\-_·*]/gu, "")`, "word"),
  PLAIN("hidden: tags", "if (/[\\u{e0000}-\\u{e007f}]/u.test(bare)) return true;\n", ""),
  PLAIN(
    "hidden: variation selectors",
    "if (/[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]{2,}/u.test(bare)) return true;\n",
    "",
  ),
  PLAIN("hidden: direction overrides", "if (/[\\u202d\\u202e]/u.test(bare)) return true;\n", ""),
  PLAIN(
    "hidden: runs of zero-width characters",
    "if (/[\\u200b\\u2060-\\u2064\\ufeff\\u180e]{3,}/u.test(bare)) return true;\n",
    "",
  ),
  PLAIN("hidden: zero-width characters in words", "/giu) ?? []).length >= 3", "/giu) ?? []).length >= 3e9"),
  FIND("hidden: unseen elements", "if (isOrder(plain(unseen)))", "if (isOrder(plain(unseen)) && text === unseen)"),
  FIND(
    "split over two passages",
    `if (before === "") return undefined;`,
    "if (before !== undefined) return undefined;",
  ),
  FIND(
    "an order far into a long text",
    "for (let from = 0; from === 0 || from < text.length - OVERLAP; from += PIECE - OVERLAP)",
    "for (let from = 0; from === 0; from += PIECE - OVERLAP)",
  ),
];
