import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { homeAt } from "../../src/storage/files/paths.ts";
import { temporaryFolder } from "../support/agents.ts";

const SETTER = fileURLToPath(new URL("drivers/setter.ts", import.meta.url));
const CHANGES = 11;
/** One setting for each process. */
const SETTINGS = [
  "seed",
  "max_steps",
  "embedding_dimensions",
  "human",
  "extra_body",
  "extra_headers",
  "model",
  "persona",
] as const;

test("concurrent changes of eight processes to settings, keys and quirks are all kept", async () => {
  const home = homeAt(temporaryFolder());
  const numbers = SETTINGS.map((_, index) => index + 1);
  const children = numbers.map((number) => start(home.root, number));
  await Promise.all(children.map(async ({ child }) => once(child.stdout ?? child, "data")));

  for (const { child } of children) child.stdin?.end("go\n");
  const said = await Promise.all(children.map(async ({ output }) => output));

  expect(said.filter((one) => !one.endsWith("lost 0\n"))).toEqual([]);
  const names = numbers.flatMap((number) =>
    Array.from({ length: CHANGES }, (_, index) => `key-${number}-${index + 1}`),
  );
  const { keys } = JSON.parse(readFileSync(home.credentialsFile, "utf8")) as { keys: Record<string, string> };
  expect(Object.values(keys).sort()).toEqual(names.sort());
  const learnt = Object.keys(JSON.parse(readFileSync(home.quirksFile, "utf8")) as object);
  expect(learnt).toHaveLength(names.length);
  expect(readdirSync(home.root).filter((file) => file.endsWith(".tmp"))).toEqual([]);
});

function start(dir: string, number: number): { child: ChildProcess; output: Promise<string> } {
  const options = JSON.stringify({ dir, number, setting: SETTINGS[number - 1], changes: CHANGES });
  const child = spawn(process.execPath, ["--import", "tsx", SETTER, options], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return { child, output: text(child.stdout) };
}
