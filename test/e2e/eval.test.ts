import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FakeModel } from "./support/fake-model.ts";
import { Running, dataFolder, memgpt, newHome } from "./support/program.ts";

/** Keys and values as the task has them, in a folder of the person's. */
function nestedKv(home: string, chains: number): string {
  const folder = join(home, "nested-kv");
  mkdirSync(folder);
  const uuid = (kind: string, n: number): string => `${kind.repeat(8)}-1c5c-4e55-9934-${String(n).padStart(12, "0")}`;
  const pairs = Array.from({ length: 140 }, (_, n) => [uuid("a", n), uuid("b", n)]);
  writeFileSync(join(folder, "kv-140.jsonl"), `${JSON.stringify({ ordered_kv_records: pairs })}\n`);
  const lines = Array.from({ length: chains }, (_, n) => `[${n % 140},${(n + 1) % 140}]\n`).join("");
  writeFileSync(join(folder, "orderings-2-levels.jsonl"), lines);
  return folder;
}

/** A folder for temporary folders, so that it can be seen what is left there. */
function temporary(home: string): { env: Record<string, string>; left: () => string[] } {
  const folder = join(home, "tmp");
  mkdirSync(folder);
  const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith("memgpt-eval-"));
  return { env: { TMPDIR: folder }, left };
}

test("a measure prints a table and the sha256 of its data, or JSON, and touches nothing of the person's", async () => {
  const home = newHome();
  const data = nestedKv(home, 1);
  const { env, left } = temporary(home);

  const table = await memgpt(home, ["eval", "nested-kv", "--data", data, "--levels", "2"], { env });
  const json = await memgpt(home, ["eval", "nested-kv", "--data", data, "--levels", "2", "--json"], { env });

  expect(table).toMatchObject({ code: 0, stderr: "" });
  expect(table.stdout).toMatch(/2 +1 +1 +100\.0/);
  expect(table.stdout).toMatch(/kv-140\.jsonl {2}sha256 [0-9a-f]{64}\n/);
  expect(JSON.parse(json.stdout)).toMatchObject({ levels: { "2": { n: 1, correct: 1 } }, context_window: 4096 });
  expect(left()).toEqual([]);
  expect(existsSync(dataFolder(home))).toBe(false);
});

test("Ctrl-C ends a measure with a message, and its temporary home is gone", async () => {
  const home = newHome();
  const data = nestedKv(home, 5000);
  const { env, left } = temporary(home);
  const running = new Running(home, ["eval", "nested-kv", "--data", data, "--levels", "2"], env);
  await expect.poll(left).toHaveLength(1);

  running.kill("SIGINT");

  const { code, stdout, stderr } = await running.finished;
  expect({ code, stdout, stderr }).toEqual({
    code: 130,
    stdout: "",
    stderr: expect.stringMatching(/^memgpt: Stopped\. Nothing of the evaluation was kept\.\n$/),
  });
  expect(left()).toEqual([]);
});

test("data that is not there is named, and wrong flags are refused", async () => {
  const home = newHome();

  const missing = await memgpt(home, ["eval", "locomo", "--data", "locomo10.json"]);
  const level = await memgpt(home, ["eval", "nested-kv", "--data", ".", "--levels", "7"]);
  const nothing = await memgpt(home, ["eval", "locomo"]);

  expect(missing).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^memgpt: There is no file locomo10\.json\./),
  });
  expect(level).toMatchObject({ code: 2, stderr: expect.stringContaining("levels from 1 to 6") });
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining("--data <file>") });
});

test("a model of a server is measured with the person's key, without an agent in the person's home", async () => {
  const home = newHome();
  const right = [
    { call: "core_memory_replace", args: { name: "human", old_content: "Chad", new_content: "John" } },
    { call: "send_message", args: { message: "Hello John!" } },
  ];
  const model = await FakeModel.start(right, { key: "sk-test" });
  const flags = ["--model", "some-model", "--model-endpoint", model.url, "--tries", "1", "--limit", "1", "--json"];

  const { code, stdout, stderr } = await memgpt(home, ["eval", "functions", ...flags], {
    env: { OPENAI_API_KEY: "sk-test" },
  });

  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ model: "some-model", total: { n: 1, correct: 1 } });
  expect(model.requests.map(({ authorization }) => authorization)).toContain("Bearer sk-test");
  expect(existsSync(dataFolder(home, "agents"))).toBe(false);
});

test("deep memory retrieval asks the model as the agent and the judge as itself", async () => {
  const home = newHome();
  const file = join(home, "msc.jsonl");
  const entry = {
    previous_dialogs: [{ dialog: [{ text: "I had lunch at Taco Bell." }] }],
    dialog: [{ text: "Hello" }],
    self_instruct: { B: "Where did you eat?", A: "Taco Bell" },
  };
  writeFileSync(file, `${JSON.stringify(entry)}\n`);
  const model = await FakeModel.start([
    { call: "send_message", args: { message: "At Taco Bell." } },
    { text: "It agrees. CORRECT" },
  ]);
  const flags = ["--model", "answerer", "--judge", "referee", "--model-endpoint", model.url, "--json"];

  const { code, stdout } = await memgpt(home, ["eval", "dmr", "--data", file, ...flags]);

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    model: "answerer",
    judge: "referee",
    n: 1,
    accuracy: 1,
    rouge_l_recall: 1,
  });
  expect(model.requests.map(({ body }) => body.model)).toEqual(["answerer", "referee"]);
});
