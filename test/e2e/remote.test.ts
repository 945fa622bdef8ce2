import { expect, test } from "vitest";
import { FakeModel, saying } from "./support/fake-model.ts";
import { Running, memgpt, newHome } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const CTRL_C = "\x03";
const CTRL_D = "\x04";

/** A server in a process of its own, and where it is. */
async function startServer(
  home: string,
  { port = 0, env = {} }: { port?: number; env?: Record<string, string> } = {},
): Promise<{ server: Running; url: string }> {
  const server = new Running(home, ["server", "--quiet", "--port", String(port)], env);
  await server.until("stdout", /serves at http:\S+ /);
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(server.stdout) ?? [];
  return { server, url };
}

test("the terminal streams, undoes, explains and changes agents of a server as if they were local", async () => {
  const [far, near] = [newHome(), newHome()];
  const { server, url } = await startServer(far);
  const terminal = new Terminal(near, ["run", "--server", url, "--agent", "sam", "--yes"]);
  await terminal.ready();

  const learnt = await terminal.say("My boyfriend James baked me a birthday cake!");
  const memory = await terminal.say("/memory");
  const why = await terminal.say("/why");
  const history = await terminal.say("/history human");
  const undone = await terminal.say("/undo");
  const redone = await terminal.say("/redo");
  const made = await terminal.say("/new kim");
  const agents = await terminal.say("/agents");
  const back = await terminal.say("/switch sam");
  const found = await terminal.say("/search James");
  terminal.write(CTRL_D);

  expect(await terminal.exited()).toBe(0);
  server.kill("SIGTERM");
  expect((await server.finished).code).toBe(0);
  expect(learnt).toMatch(/human.*James/);
  expect(memory).toMatch(/persona[^]*human[^]*James[^]*recall[^]*archival/i);
  expect(why).toContain("My boyfriend James baked me a birthday cake!");
  expect(history).toContain("James");
  expect(undone).toMatch(/Undid turn "My boyfriend James/);
  expect(redone).toMatch(/redid/i);
  expect(made).toContain("You are talking to kim.");
  expect(agents).toMatch(/kim {2}\(current\)[^]*sam/);
  expect(back).toContain("You are talking to sam.");
  expect(found).toContain("James");
  expect(terminal.text).toContain(`Come back with: memgpt run --server ${url} --agent sam`);
  expect((await memgpt(near, ["list", "agents"])).stdout).not.toContain("sam");
  expect((await memgpt(far, ["search", "sam", "cake"])).stdout).toContain("James baked");
});

test("a server that is killed and restarted stores the message once, and the terminal reports the interruption", async () => {
  const [far, near] = [newHome(), newHome()];
  const { server, url } = await startServer(far);
  const terminal = new Terminal(near, ["run", "--server", url, "--agent", "sam", "--yes", "--first"]);
  await terminal.ready();
  await terminal.say("My tortoise is called Momo.");
  server.kill("SIGKILL");
  await server.finished;

  terminal.write("My cat is called Mia.\r");
  await terminal.until(/the server does not answer/);
  await startServer(far, { port: Number(new URL(url).port) });
  await terminal.until(/the server does not answer[^]*Mia/);
  await terminal.ready();
  terminal.write(CTRL_D);

  expect(await terminal.exited()).toBe(0);
  const heard = JSON.parse((await memgpt(far, ["search", "sam", "Mia", "--role", "user", "--json"])).stdout) as {
    total: number;
  };
  expect(heard.total).toBe(1);
});

test("Ctrl-C stops the reply of a server's agent, and none of it is stored", async () => {
  const [far, near] = [newHome(), newHome()];
  const model = await FakeModel.start([saying("Hello."), { begin: "Once upon a time" }, saying("The end.")]);
  const { url } = await startServer(far, { env: { MEMGPT_MODEL: "fake-1", MEMGPT_MODEL_ENDPOINT: model.url } });
  const terminal = new Terminal(near, ["run", "--server", url, "--agent", "sam", "--yes", "--first"]);
  await terminal.ready();
  await terminal.say("hi");

  terminal.write("Tell me a story.\r");
  await terminal.until(/Once upon a/);
  terminal.write(CTRL_C);
  await terminal.until(/Nothing of it was kept/);
  await terminal.until(/Tell me a story\.$/);
  terminal.write("\r");
  await terminal.until(/The end\./);
  await terminal.ready();
  terminal.write(CTRL_D);

  expect(await terminal.exited()).toBe(0);
  expect(model.lastShown.match(/Tell me a story/g)).toHaveLength(1);
});

test("a script asks a server's agent, and the exit code says what went wrong", async () => {
  const [far, near] = [newHome(), newHome()];
  const { url } = await startServer(far);
  const ask = ["run", "--agent", "sam", "-p", "My boyfriend is called James.", "--output-format", "json"];

  const answered = await memgpt(near, ask, { env: { MEMGPT_SERVER: url } });
  const refused = await memgpt(near, [...ask, "--server", url, "--max-steps", "3"]);
  const absent = await memgpt(near, [...ask, "--server", "http://127.0.0.1:9"]);

  expect(answered.code).toBe(0);
  expect(JSON.parse(answered.stdout)).toMatchObject({ reply: expect.stringContaining("James") as unknown });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("--max-steps") as unknown });
  expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining("does not answer") as unknown });
});
