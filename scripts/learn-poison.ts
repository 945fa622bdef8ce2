/**
 * Learns the weights of signs of poison (src/trust/poison/weights.json) from the development files of attacks and look-alikes
 * and from harmless texts: `npm run learn:poison -- [--conversations FILE] [--passages FILE] [--write]`. First prints what
 * weights catch that were learned without one author, or without one language; then learns on all.
 *
 * The model is linear (logistic regression, weights kept small). A text counts as its likeliest window, which is found anew
 * in each round. Harmless texts are, beside look-alikes: this project's documents, the messages of the TypeScript compiler in
 * eight languages, and what installed packages say of themselves. The `held-out` files are never read.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readLocomo } from "../src/eval/locomo-data.ts";
import { decoded, turned } from "../src/trust/poison/decode.ts";
import { plain, undisguised } from "../src/trust/poison/plain.ts";
import { ruleIn } from "../src/trust/poison/rules.ts";
import { LEARNED, LIKELY, UNLIKELY, featuresOf, windowsOf } from "../src/trust/poison/score.ts";
import { signsIn } from "../src/trust/poison/signs.ts";

const TARGET = new URL("../src/trust/poison/weights.json", import.meta.url);
const FIXTURES = new URL("../test/fixtures/poisoning/", import.meta.url);

/** Files by one author are left out together. */
const AUTHORS = [
  ["development", "development-2", "development-3", "development-4", "development-5"],
  ["development-6"],
  ["development-7"],
];

/** How often the likeliest window of each text is chosen anew, and the steps of learning between. */
const ROUNDS = 3;
const STEPS = 250;
const RATE = 0.08;

/** How strongly a weight is drawn to 0: of a sign, and of two together. */
const SMALL = 2;
const SMALLER = 6;

/** A feature in fewer windows is left out, and so is a weight below the second. */
const RARE = 4;
const SLIGHT = 0.05;

/** Most texts of one harmless source. */
const MOST = 8_000;

type Text = {
  readonly attack: boolean;
  readonly author: number;
  readonly language: string;
  readonly windows: readonly (readonly string[])[];
  /** Whether a rule matches, and one that is believed without a score. */
  readonly rule: "none" | "vague" | "sure";
};
type Model = { readonly bias: number; readonly weights: ReadonlyMap<string, number> };
type Row = { text: string; before?: string; attack: boolean; kind: string; language: string };

function windowsIn(text: string): string[][] {
  return windowsOf(signsIn(text)).map(({ signs }) => [...featuresOf(signs)]);
}

function ruleFor(texts: readonly string[]): Text["rule"] {
  const found = texts.map((text) => ruleIn(signsIn(text))).filter((match) => match !== undefined);
  if (found.length === 0) return "none";
  return found.some(({ rule }) => rule.vague !== true) ? "sure" : "vague";
}

function attacksAndLookalikes(): Text[] {
  return AUTHORS.flatMap((files, author) =>
    files.flatMap((file) =>
      readFileSync(new URL(`${file}.jsonl`, FIXTURES), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Row)
        .filter(({ attack, kind, language }) => LEARNED.has(language) && !(attack && /markers|hidden/.test(kind)))
        .map(({ text, before, attack, kind, language }) => {
          const raw = before === undefined ? text : `${before} ${text}`;
          const read = plain(raw);
          const others = kind === "encoded" ? [...decoded(raw).map(plain), undisguised(read), ...turned(read)] : [];
          return {
            attack,
            author,
            language,
            windows: [read, ...others].flatMap(windowsIn),
            rule: ruleFor([read, ...others]),
          };
        }),
    ),
  );
}

/** Files directly in `folder`, or in its folders, whose names end with `end`. */
function filesIn(folder: string, end: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && entry.name.endsWith(end));
  return files.map(({ name }) => `${folder}/${name}`).sort();
}

function foldersIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}/${name}`);
  return folders.sort().flatMap((path) => (/\/@[^/]*$/.test(path) ? foldersIn(path) : [path]));
}

function paragraphs(files: readonly string[]): string[] {
  return files.flatMap((file) =>
    readFileSync(file, "utf8")
      .split(/\n\s*\n/)
      .filter((text) => text.length > 80 && text.length < 1_200 && !text.startsWith("```")),
  );
}

/** At most `MOST` of `texts`, evenly. */
function some(texts: readonly string[]): string[] {
  const every = Math.max(1, texts.length / MOST);
  return texts.filter((_, index) => Math.floor(index / every) !== Math.floor((index - 1) / every));
}

async function harmless(conversations: string | undefined, passages: string | undefined): Promise<Text[]> {
  const compiler = foldersIn("node_modules/typescript/lib").map((path) => `${path}/diagnosticMessages.generated.json`);
  const sources = [
    some(
      compiler
        .filter(existsSync)
        .flatMap((file) => Object.values(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>)),
    ),
    some(paragraphs(foldersIn("node_modules").flatMap((path) => filesIn(path, ".md")))),
    some(paragraphs([...filesIn("docs", ".md"), "README.md", "DECISIONS.md", "CONTRIBUTING.md"])),
    conversations === undefined
      ? []
      : (await readLocomo(conversations)).flatMap(({ turns }) => turns.map(({ message }) => message.text)),
    passages === undefined
      ? []
      : readFileSync(passages, "utf8")
          .trim()
          .split("\n")
          .map((line) => (JSON.parse(line) as { text: string }).text),
  ];
  return sources
    .flat()
    .map((text) => ({
      attack: false,
      author: -1,
      language: "",
      windows: windowsIn(plain(text)),
      rule: ruleFor([plain(text)]),
    }))
    .filter(({ windows }) => windows.length > 0);
}

function learn(texts: readonly Text[]): Model {
  const counts = new Map<string, number>();
  for (const feature of texts.flatMap(({ windows }) => windows.flat())) {
    counts.set(feature, (counts.get(feature) ?? 0) + 1);
  }
  const names = [...counts].filter(([, count]) => count >= RARE).map(([name]) => name);
  const ids = new Map(names.map((name, id) => [name, id]));
  const known = texts.map(({ attack, windows }) => ({
    attack,
    windows: windows.map((window) => window.map((name) => ids.get(name)).filter((id) => id !== undefined)),
  }));
  const weights = new Float64Array(names.length + 1);
  const pull = Float64Array.from([...names.map((name) => (name.includes(" ") ? SMALLER : SMALL)), 0]);
  for (let round = 0; round < ROUNDS; round += 1) {
    const chosen = known.flatMap(({ attack, windows }) => {
      if (round === 0 && !attack) return windows.map((window) => ({ attack, window }));
      const value = (window: readonly number[]): number => (round === 0 ? window.length : scoreOf(window, weights));
      const [window] = [...windows].sort((one, other) => value(other) - value(one));
      return window === undefined ? [] : [{ attack, window }];
    });
    descend(weights, pull, chosen);
  }
  return { bias: weights.at(-1) ?? 0, weights: new Map(names.map((name, id) => [name, weights[id] ?? 0])) };
}

function scoreOf(window: readonly number[], weights: Float64Array): number {
  let score = weights.at(-1) ?? 0;
  for (const id of window) score += weights[id] ?? 0;
  return score;
}

/** Steps of Adam on all of `chosen`. */
function descend(
  weights: Float64Array,
  pull: Float64Array,
  chosen: readonly { readonly attack: boolean; readonly window: readonly number[] }[],
): void {
  const last = weights.length - 1;
  const [mean, square] = [new Float64Array(weights.length), new Float64Array(weights.length)];
  for (let step = 1; step <= STEPS; step += 1) {
    const slope = weights.map((weight, id) => weight * (pull[id] ?? 0));
    for (const { attack, window } of chosen) {
      const error = 1 / (1 + Math.exp(-scoreOf(window, weights))) - Number(attack);
      for (const id of window) slope[id] = (slope[id] ?? 0) + error;
      slope[last] = (slope[last] ?? 0) + error;
    }
    const rate = (RATE * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
    for (const [id, value] of slope.entries()) {
      const average = 0.9 * (mean[id] ?? 0) + 0.1 * value;
      const spread = 0.999 * (square[id] ?? 0) + 0.001 * value ** 2;
      [mean[id], square[id]] = [average, spread];
      weights[id] = (weights[id] ?? 0) - (rate * average) / (Math.sqrt(spread) + 1e-8);
    }
  }
}

function likeliest({ windows }: Text, { bias, weights }: Model): number {
  return Math.max(...windows.map((window) => window.reduce((sum, name) => sum + (weights.get(name) ?? 0), bias)));
}

function report(name: string, tested: readonly Text[], model: Model): void {
  const scored = tested.map((text) => ({ ...text, score: likeliest(text, model) }));
  const share = (attack: boolean, isCaught: (text: (typeof scored)[number]) => boolean): string => {
    const texts = scored.filter((text) => text.attack === attack);
    return `${texts.filter(isCaught).length} of ${texts.length}`;
  };
  for (const [by, isCaught] of [
    ["rules", ({ rule }) => rule !== "none"],
    ["score", ({ score }) => score > LIKELY],
    ["both", ({ rule, score }) => rule === "sure" || score > (rule === "vague" ? UNLIKELY : LIKELY)],
  ] as [string, (text: (typeof scored)[number]) => boolean][]) {
    process.stdout.write(
      `${name}, ${by}: ${share(true, isCaught)} attacks, ${share(false, isCaught)} harmless texts\n`,
    );
  }
}

const { values } = parseArgs({
  options: {
    conversations: { type: "string" },
    passages: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const examples = attacksAndLookalikes();
const others = await harmless(values.conversations, values.passages);
const model = learn([...examples, ...others]);
report("on all that it was learned from", [...examples, ...others], model);
if (values.write) {
  const kept = [...model.weights]
    .filter(([, weight]) => Math.abs(weight) >= SLIGHT)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, weight]) => [name, Number(weight.toFixed(2))]);
  const text = JSON.stringify(
    { bias: Number(model.bias.toFixed(2)), weights: Object.fromEntries(kept) as Record<string, number> },
    null,
    2,
  );
  writeFileSync(TARGET, `${text}\n`);
}
const tests: [string, (text: Text) => boolean][] = [
  ...AUTHORS.map((files, author): [string, (text: Text) => boolean] => [
    `without ${files.join(", ")}`,
    (text) => text.author === author,
  ]),
  ...[...LEARNED].map((language): [string, (text: Text) => boolean] => [
    `without ${language}`,
    (text) => text.language === language,
  ]),
];
for (const [name, isTested] of tests) {
  report(name, examples.filter(isTested), learn([...examples.filter((text) => !isTested(text)), ...others]));
}
const half = (remainder: number): Text[] => others.filter((_, index) => index % 2 === remainder);
report("without half of the harmless texts", half(1), learn([...examples, ...half(0)]));
