import { parseArgs } from "node:util";
import { type Figures, UsageError } from "./figures.ts";
import type { Mutation } from "./protections/mutation.ts";
import { FORGETTING } from "./protections/forgetting.ts";
import { FORGETTING_TOGETHER } from "./protections/forgetting-together.ts";
import { MEMORY } from "./protections/memory.ts";
import { OUTSIDE } from "./protections/outside.ts";
import { POISON } from "./protections/poison.ts";
import { SECRETS } from "./protections/secrets.ts";
import { Tree } from "./protections/tree.ts";

const TABLES: Readonly<Record<string, readonly Mutation[]>> = {
  poison: POISON,
  memory: MEMORY,
  secrets: SECRETS,
  forgetting: FORGETTING,
  together: FORGETTING_TOGETHER,
  outside: OUTSIDE,
};

/** One protection, and whether a test failed without it. */
type Removed = { readonly protection: string; readonly red: boolean; readonly test: string };

/**
 * Removes each protection of SECURITY.md once, in a copy of the sources, and runs the tests that must notice. `ok` is false if the tests
 * fail with everything in place, or stay green without a protection.
 */
export async function protections(args: readonly string[]): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: { table: { type: "string" }, only: { type: "string", default: "" } },
  });
  const { table, only } = values;
  if (table !== undefined && TABLES[table] === undefined) {
    throw new UsageError(`--table must be one of ${Object.keys(TABLES).join(", ")} (got ${table})`);
  }
  const all = table === undefined ? Object.values(TABLES).flat() : (TABLES[table] ?? []);
  const chosen = all.filter(({ protection }) => new RegExp(only).test(protection));
  if (chosen.length === 0) throw new UsageError(`--only: no protection is named like ${JSON.stringify(only)}`);
  const tree = new Tree();
  try {
    const problems = chosen.flatMap((mutation) => tree.problemsOf(mutation));
    if (problems.length > 0) throw new Error(problems.join("\n"));
    const removed: Removed[] = [];
    for (const mutation of chosen) removed.push(await removedIn(tree, mutation));
    const { failed: broken } = await tree.run([...new Set(chosen.map(({ test }) => test))]);
    const green = removed.filter(({ red }) => !red).map(({ protection }) => protection);
    return {
      ok: green.length === 0 && broken.length === 0,
      removed: removed.length,
      red: removed.length - green.length,
      green,
      failing_with_all_in_place: broken,
      protections: removed,
    };
  } finally {
    await tree.remove();
  }
}

async function removedIn(tree: Tree, mutation: Mutation): Promise<Removed> {
  const { protection, test, named } = mutation;
  const { passed, failed } = await tree.without(mutation, () => tree.run([test], { named, bail: true }));
  if (passed.length + failed.length === 0) throw new Error(`${protection}: no test of ${test} could run.`);
  const [first] = failed;
  process.stderr.write(`${first === undefined ? "GREEN" : "red  "} ${protection}\n`);
  return { protection, red: first !== undefined, test: first === undefined ? test : `${test}: ${first}` };
}
