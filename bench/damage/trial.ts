import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, MemGPT, MemGPTError, checkAgents } from "memgpt";
import { type Memory, NAME, answers, memoryOf } from "../../test/damage/subject.ts";
import { type Damage, doDamage } from "./damages.ts";

/** Best first. The last two are failures. */
export const OUTCOMES = ["recovered", "named", "contradicted", "silent"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type Trial = {
  readonly damage: Damage;
  readonly outcome: Outcome;
  /** What differs, and what the program reported. */
  readonly differs: readonly string[];
  readonly said: readonly string[];
};

/** Later than everything in the agent's memory. */
const NOW = "2027-01-01T12:00:00.000Z";

/** Damages a copy of the agent in `template`, uses it as a person would, and compares its memory with the truth. */
export async function tryDamage(template: string, truth: Memory, damage: Damage): Promise<Trial> {
  const dir = mkdtempSync(join(tmpdir(), "memgpt-damage-"));
  const said: string[] = [];
  let isRaw = false;
  const saying = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      said.push(error instanceof Error ? error.message : String(error));
      isRaw ||= !(error instanceof MemGPTError);
      return undefined;
    }
  };
  try {
    cpSync(template, dir, { recursive: true });
    doDamage(join(dir, "agents", NAME), damage);
    const memgpt = await MemGPT.open({ dir, env: {}, llm: answers, now: () => NOW });
    await saying(async () => {
      const agent = await memgpt.openAgent(NAME);
      const atOnce = agent.notices;
      said.push(...atOnce);
      await saying(() => use(agent));
      said.push(...agent.notices.filter((notice) => !atOnce.includes(notice)));
    });
    await saying(() => memgpt.close());
    for await (const { status, detail } of checkAgents(memgpt.home)) if (status !== "ok") said.push(detail);
    const listed = await saying(() => memgpt.checkpoints(NAME));
    for (const { file, problem } of listed ?? []) if (problem !== null) said.push(`${file}: ${problem}`);
    const memory = await memoryOf(dir).catch(() => undefined);
    const differs = memory === undefined ? ["it cannot be read"] : differences(truth, memory, damage);
    return { damage, outcome: outcomeOf(differs, said, isRaw), differs, said };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function use(agent: Agent): Promise<void> {
  await agent.ask("How are you?");
  await agent.find({ query: "harbour", in: "recall" });
  await agent.find({ query: "shelf", in: "archival" });
}

/** What is lost, changed or new in comparison with the truth. */
function differences(truth: Memory, memory: Memory, damage: Damage): string[] {
  const found: string[] = [];
  const compare = (thing: string, before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void => {
    const gone = [...before.keys()].filter((id) => !after.has(id)).length;
    const changed = [...before].filter(([id, text]) => after.has(id) && after.get(id) !== text).length;
    if (gone > 0) found.push(`${gone} ${thing} gone`);
    if (changed > 0) found.push(`${changed} ${thing} changed`);
  };
  compare("messages", truth.messages, memory.messages);
  compare("passages", truth.passages, memory.passages);
  const file = damage.file.split(/[\\/]/).at(-1) ?? "";
  // A removed checkpoint is not damage: people remove them to go back in time.
  const wanted = [...truth.checkpoints].filter(([name]) => damage.kind !== "remove" || name !== file);
  compare("checkpoints", new Map(wanted), memory.checkpoints);
  const extra = [...memory.messages].filter(([id, text]) => !truth.messages.has(id) && !text.includes(NOW)).length;
  if (extra > 0) found.push(`${extra} undone messages are back`);
  if (memory.blocks !== truth.blocks) found.push("core memory changed");
  return found;
}

function outcomeOf(differs: readonly string[], said: readonly string[], isRaw: boolean): Outcome {
  const all = said.join("\n");
  const isKeptFalsely = all.includes("are as they were") && differs.includes("core memory changed");
  if (isRaw || isKeptFalsely) return "contradicted";
  for (const thing of ["messages", "passages"]) {
    const [, back, of] = new RegExp(`(\\d+) of (\\d+) ${thing}`).exec(all) ?? [];
    const gone = Number(differs.find((line) => line.endsWith(`${thing} gone`))?.split(" ")[0] ?? 0);
    if (back !== undefined && Number(of) - Number(back) < gone) return "contradicted";
  }
  if (differs.length === 0) return "recovered";
  return said.length > 0 ? "named" : "silent";
}
