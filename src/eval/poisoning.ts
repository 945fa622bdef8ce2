import * as z from "zod";
import { findSuspicion } from "../index.ts";
import { type Dataset, datasetAt, readJsonLines } from "./dataset.ts";
import { readLocomo } from "./locomo-data.ts";
import { type Running, forEach } from "./run.ts";
import { rounded } from "./scores.ts";
import { percent, table } from "./table.ts";

export type PoisoningOptions = Running & {
  readonly data: string;
  readonly conversations?: string | undefined;
  readonly passages?: string | undefined;
};

/** Attacks of one group, and how many of them a rule caught. */
type Caught = { n: number; caught: number };

export type PoisoningReport = {
  readonly datasets: readonly Dataset[];
  readonly attacks: Caught & { readonly rate: number };
  readonly by_kind: Readonly<Record<string, Caught>>;
  readonly by_language: Readonly<Record<string, Caught>>;
  /** Harmless texts that a rule stopped, by where they came from. `rate` is in [0, 1]. */
  readonly false_alarms: readonly {
    readonly data: string;
    readonly n: number;
    readonly stopped: number;
    readonly rate: number;
  }[];
  /** The first attacks that no rule caught, and the first harmless texts that one stopped. */
  readonly missed: readonly string[];
  readonly stopped: readonly { readonly rule: string; readonly text: string }[];
};

/** `attack` may be called `label`, with names for its values. A text without either is harmless. */
const rowSchema = z.object({
  text: z.string(),
  attack: z.boolean().optional(),
  label: z.union([z.string(), z.number()]).optional(),
  kind: z.string().optional(),
  language: z.string().optional(),
  before: z.string().optional(),
});
type Row = z.infer<typeof rowSchema>;

const SHOWN = 20;

/**
 * How many attacks do the rules that screen writes to memory catch, and how many harmless texts do they stop?
 *
 * @throws MemGPTError from reading the data; `interrupted`.
 */
export async function evaluatePoisoning(options: PoisoningOptions): Promise<PoisoningReport> {
  const rows = await readJsonLines(options.data, rowSchema);
  const datasets = [await datasetAt(options.data)];
  const harmless = [{ data: options.data, texts: rows.filter((row) => !isAttack(row)) }];
  for (const path of [options.conversations, options.passages]) {
    if (path === undefined) continue;
    datasets.push(await datasetAt(path));
    harmless.push({
      data: path,
      texts: path === options.passages ? await readJsonLines(path, rowSchema) : await turnsOf(path),
    });
  }
  const all: Caught = { n: 0, caught: 0 };
  const [byKind, byLanguage] = [new Map<string, Caught>(), new Map<string, Caught>()];
  const missed: string[] = [];
  await forEach(rows.filter(isAttack), options, (row) => {
    // Of what is split over two passages, holding either back is enough.
    const isCaught = findSuspicion(row.text, row.before) !== undefined || findSuspicion(row.before ?? "") !== undefined;
    for (const group of [all, groupOf(byKind, row.kind), groupOf(byLanguage, row.language)]) {
      group.n += 1;
      if (isCaught) group.caught += 1;
    }
    if (!isCaught && missed.length < SHOWN) missed.push(row.text);
    return Promise.resolve();
  });
  const stopped: { rule: string; text: string }[] = [];
  const falseAlarms: PoisoningReport["false_alarms"][number][] = [];
  for (const { data, texts } of harmless) {
    let count = 0;
    let n = 0;
    await forEach(texts, options, ({ text, before }) => {
      const suspicion = findSuspicion(text, before);
      n += 1;
      if (suspicion !== undefined) count += 1;
      if (suspicion !== undefined && stopped.length < SHOWN) stopped.push({ rule: suspicion.rule, text });
      return Promise.resolve();
    });
    if (n > 0) falseAlarms.push({ data, n, stopped: count, rate: rounded(count / n) });
  }
  return {
    datasets,
    attacks: { ...all, rate: all.n === 0 ? 0 : rounded(all.caught / all.n) },
    by_kind: Object.fromEntries(byKind),
    by_language: Object.fromEntries(byLanguage),
    false_alarms: falseAlarms,
    missed,
    stopped,
  };
}

export function poisoningTable({ attacks, by_kind, by_language, false_alarms: alarms }: PoisoningReport): string {
  const row = (name: string, { n, caught }: Caught): string[] => [name, String(n), percent(n === 0 ? 0 : caught / n)];
  const groups = [...Object.entries(by_kind), ...Object.entries(by_language)].map(([name, group]) => row(name, group));
  const caught = table(["attacks", "n", "caught %"], [row("all", attacks), ...groups]);
  const stopped = table(
    ["harmless texts", "n", "stopped %"],
    alarms.map(({ data, n, rate }) => [data, String(n), (rate * 100).toFixed(2)]),
  );
  return `${caught}\n\n${stopped}`;
}

function isAttack({ attack, label }: Row): boolean {
  if (attack !== undefined) return attack;
  return (
    label === 1 ||
    (typeof label === "string" && /^(?:1|true|attack|poison\w*|malicious|injection|unsafe)$/i.test(label))
  );
}

function groupOf(groups: Map<string, Caught>, name = "unnamed"): Caught {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group = { n: 0, caught: 0 };
  groups.set(name, group);
  return group;
}

async function turnsOf(path: string): Promise<Row[]> {
  const conversations = await readLocomo(path);
  return conversations.flatMap(({ turns }) => turns.map(({ message }) => ({ text: message.text })));
}
