import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { MAIN, environment, memgpt, newHome } from "./support/program.ts";

const RECORDER = fileURLToPath(new URL("support/record-connections.cjs", import.meta.url));
const TALK = ["my boyfriend is called James", "what is my boyfriend called?", "/memory", "/search James", "/undo"];

/** Every command that has a reason to look at something, with the practice model. */
const COMMANDS = [
  ["load", "notes", "notes.txt"],
  ["attach", "ada", "notes"],
  ["search", "ada", "James"],
  ["export", "ada", "--format", "json", "--output", "ada.json"],
  ["import", "ada.json", "--agent", "bea", "-y"],
  ["inspect", "ada"],
  ["forget", "ada", "--match", "James", "-y"],
  ["list", "agents"],
] as const;

/** Settings of a program that writes to `file` whom it connects to. */
function recording(home: string): { file: string; env: Record<string, string> } {
  const file = join(home, "connections.txt");
  return { file, env: { NODE_OPTIONS: `--require ${RECORDER}`, CONNECTIONS: file } };
}

function connections(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

/** A proxy on loopback that refuses everything, and tells what it was asked for. */
async function refusingProxy(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(new URL(request.url ?? "", "http://none").host);
    response.writeHead(502).end();
  });
  proxy.on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => void proxy.close());
  const address = proxy.address();
  return { url: `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`, asked };
}

test("a practice session and every command about it make no connection and no name lookup", async () => {
  const home = newHome();
  const { file, env } = recording(home);
  writeFileSync(join(home, "notes.txt"), "The harbour opens at six.");

  const talk = await memgpt(home, ["run", "--agent", "ada"], { input: `${TALK.join("\n")}\n`, env });
  const codes = [];
  for (const command of COMMANDS) codes.push((await memgpt(home, [...command], { env })).code);

  expect(talk.stdout).toContain("James");
  expect(codes).toEqual(COMMANDS.map(() => 0));
  expect(connections(file)).toEqual([]);
});

test("a recording proxy sees only requests to the configured endpoint", async () => {
  const home = newHome();
  const proxy = await refusingProxy();
  const proxied = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, ALL_PROXY: proxy.url };
  const { file, env } = recording(home);

  await memgpt(home, ["run", "--agent", "ada"], { input: `${TALK.join("\n")}\n`, env: proxied });
  expect(proxy.asked).toEqual([]);
  const endpoint = ["--model", "some-model", "--model-endpoint", "http://models.example/v1"];
  await memgpt(home, ["run", "--agent", "bea", ...endpoint, "-p", "Hello."], { env: { ...proxied, ...env } });

  expect(proxy.asked.length).toBeGreaterThan(0);
  for (const host of proxy.asked) expect(host).toMatch(/^models\.example(:80)?$/);
  expect(connections(file)).not.toEqual([]);
  for (const line of connections(file)) expect(line).toMatch(/^connect 127\.0\.0\.1:/);
});

const NAMESPACE = ["-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
const isAble = spawnSync("unshare", [...NAMESPACE, "true"]).status === 0;
if (!isAble) console.warn("skipped: a session in a network namespace; unshare -rn does not work here");

test.skipIf(!isAble)("a practice session works with no network except loopback", () => {
  const home = newHome();
  const talk = [process.execPath, MAIN, "run", "--agent", "ada"];

  const { status, stdout } = spawnSync("unshare", [...NAMESPACE, ...talk], {
    input: `${TALK.join("\n")}\n`,
    env: environment(home),
    cwd: home,
    encoding: "utf8",
  });

  expect(status).toBe(0);
  expect(stdout).toContain("James");
});
