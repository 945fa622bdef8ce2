import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { embeddings, modelServer } from "../support/model-server.ts";
import { FakeModel } from "./support/fake-model.ts";
import { DEADLINE_MS, Running, dataFolder, memgpt, newHome } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

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

test("an evaluation prints a table and the SHA-256 of its data, or JSON, and leaves the person's home alone", async () => {
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

test("Ctrl-C ends an evaluation with a message and removes its temporary home", async () => {
  const home = newHome();
  const data = nestedKv(home, 5000);
  const { env, left } = temporary(home);
  const running = new Running(home, ["eval", "nested-kv", "--data", data, "--levels", "2"], env);
  await expect.poll(left, { timeout: DEADLINE_MS }).toHaveLength(1);

  running.kill("SIGINT");

  const { code, stdout, stderr } = await running.finished;
  expect({ code, stdout, stderr }).toEqual({
    code: 130,
    stdout: "",
    stderr: expect.stringMatching(/^memgpt: Stopped\. The evaluation keeps no results\.\n$/),
  });
  expect(left()).toEqual([]);
});

test("a terminal shows a bar with rate and time left during an evaluation and clears it afterwards", async () => {
  const home = newHome();
  const terminal = new Terminal(home, ["eval", "nested-kv", "--data", nestedKv(home, 5000), "--levels", "2"]);
  await terminal.until(/^\[#*\.+\] \d+ of 5,000, [\d.]+\/(s|min), \d+ .*left$/m);

  terminal.write("\x03");

  expect(await terminal.exited()).toBe(130);
  expect(terminal.text).toMatch(/^(\^C)?memgpt: Stopped\. The evaluation keeps no results\.$/);
});

test("errors name missing data and wrong flags", async () => {
  const home = newHome();

  const missing = await memgpt(home, ["eval", "locomo", "--data", "locomo10.json"]);
  const level = await memgpt(home, ["eval", "nested-kv", "--data", ".", "--levels", "7"]);
  const nothing = await memgpt(home, ["eval", "locomo"]);

  expect(missing).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^memgpt: No file locomo10\.json\./),
  });
  expect(level).toMatchObject({ code: 2, stderr: expect.stringContaining("levels from 1 to 6") });
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining("--data <file>") });
});

test("a server's model is measured with the person's key, without creating an agent in the person's home", async () => {
  const home = newHome();
  const right = [
    { call: "core_memory_replace", args: { name: "human", old_content: "Chad", new_content: "John" } },
    { call: "send_message", args: { message: "Hello John!" } },
  ];
  const model = await FakeModel.start(right, { key: "sk-test" });
  const flags = ["--model", "some-model", "--model-endpoint", model.url, "--tries", "1", "--limit", "1", "--json"];

  const { code, stdout, stderr } = await memgpt(home, ["eval", "functions", ...flags], {
    env: { MEMGPT_API_KEY: "sk-test" },
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

test("LongMemEval searches each question's own sessions, or all of them pooled", async () => {
  const home = newHome();
  const file = join(home, "longmemeval.json");
  const entry = (id: string, words: string) => ({
    question_id: id,
    question: "trombone",
    haystack_session_ids: [`answer_${id}`, "shared", `own_${id}`],
    haystack_dates: ["2023/05/20 (Sat) 02:21", "2023/05/21 (Sun) 02:21", "2023/05/22 (Mon) 02:21"],
    haystack_sessions: [
      [{ role: "user", content: words, has_answer: true }],
      [{ role: "user", content: "rain again" }],
      [{ role: "user", content: "and more rain" }],
    ],
  });
  writeFileSync(
    file,
    JSON.stringify([entry("a", "a trombone in the attic of an aunt"), entry("b", "a trombone trombone")]),
  );
  const command = ["eval", "longmemeval", "--data", file];

  const own = await memgpt(home, [...command, "--json"]);
  const pooled = await memgpt(home, [...command, "--pooled", "--unit", "turn", "--json"]);
  const table = await memgpt(home, [...command, "--pooled"]);

  const bm25 = (recall: number) => ({ with_target: { n: 2, bm25: { session: { "recall_any@1": recall } } } });
  expect(JSON.parse(own.stdout)).toMatchObject(bm25(1));
  expect(JSON.parse(own.stdout)).not.toHaveProperty("pool");
  // What answers the one stands before what answers the other.
  expect(JSON.parse(pooled.stdout)).toMatchObject({ unit: "turn", pool: { sessions: 5, turns: 5 }, ...bm25(0.5) });
  expect(table).toMatchObject({ code: 0, stderr: "" });
  expect(table.stdout).toContain(
    "Pooled: every question is asked of all 5 sessions in one store, with 5 turns of the user.",
  );
  expect(table.stdout).toMatch(/authors' BM25, sessions +50\.0 .* 0\.750\n/);
});

/** A passage and a question that share no word. */
function documents(home: string): string[] {
  const [passages, questions] = [join(home, "passages.jsonl"), join(home, "questions.jsonl")];
  writeFileSync(passages, `${JSON.stringify({ id: "p1", title: "Argos", text: "A hound." })}\n`);
  writeFileSync(questions, `${JSON.stringify({ question: "puppy", answers: ["Argos"], passage_id: "p1" })}\n`);
  return ["eval", "doc-qa", "--passages", passages, "--questions", questions];
}

test("doc-qa uses the embedding that flags choose, with the person's key, or else the built-in one", async () => {
  const home = newHome();
  const server = await modelServer([embeddings([[1, 2, 3]])]);
  mkdirSync(dataFolder(home));
  const chosen = { embedding: "openai", embedding_model: "configured", embedding_endpoint: server.endpoint };
  writeFileSync(dataFolder(home, "config.json"), JSON.stringify(chosen));
  const keys = JSON.stringify({ keys: { [server.endpoint]: "sk-embedding" } });
  writeFileSync(dataFolder(home, "credentials.json"), keys, { mode: 0o600 });
  const command = [...documents(home), "--json"];

  const built = await memgpt(home, command);
  const asked = server.seen.length;
  const embedded = await memgpt(home, [...command, "--embedding", "openai", "--embedding-model", "by-meaning"]);

  expect(JSON.parse(built.stdout)).toMatchObject({ mrr: 0, embedding: { model: "hash-1024", dimensions: 1024 } });
  expect(asked).toBe(0);
  expect(embedded).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(embedded.stdout)).toMatchObject({ mrr: 1, embedding: { model: "by-meaning", dimensions: 3 } });
  expect(server.seen.map(({ body, headers }) => [body["model"], body["input"], headers.authorization])).toEqual([
    ["by-meaning", ["Argos\nA hound."], "Bearer sk-embedding"],
    ["by-meaning", ["puppy"], "Bearer sk-embedding"],
  ]);
  expect(existsSync(dataFolder(home, "agents"))).toBe(false);
});

test.each([
  {
    flags: ["--embedding", "openai", "--embedding-model", "m", "--embedding-endpoint", "http://127.0.0.1:9/v1"],
    code: 1,
    says: /^memgpt: Nothing was measured, because some texts could not be embedded\. Cannot reach .*\n$/,
  },
  {
    flags: ["--embedding", "openai", "--embedding-endpoint", "http://127.0.0.1:9/v1"],
    code: 1,
    says: /no model is named .* pass --embedding-model NAME, or go back with --embedding hash\.\n$/,
  },
  { flags: ["--embedding-model", "m"], code: 2, says: /hash has no model, .* Nothing was measured\.\n$/ },
  { flags: ["--embedding", "magic"], code: 2, says: /Allowed choices are hash, openai, local/ },
  { flags: ["--embedding-dimensions", "0"], code: 2, says: /whole number above 0/ },
])("doc-qa with $flags measures nothing and says why", async ({ flags, code, says }) => {
  const home = newHome();

  const ended = await memgpt(home, [...documents(home), ...flags]);

  expect(ended).toMatchObject({ code, stdout: "" });
  expect(ended.stderr).toMatch(says);
});
