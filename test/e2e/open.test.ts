import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Running, memgpt, newHome } from "./support/program.ts";

/** A browser that shows nothing. */
const env = { BROWSER: "true" };

test("open shows the page of a running server without starting another", async () => {
  const home = newHome();
  const server = new Running(home, ["server", "--quiet", "--port", "0"]);
  await server.until("stdout", /serves at http:\S+ /);
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(server.stdout) ?? [];

  const opened = await memgpt(home, ["open", "--port", new URL(url).port], { env });

  expect(opened).toMatchObject({ code: 0, stdout: `The page is at ${url}/\n`, stderr: "" });
});

test("if another program has the port, open says so in one line", async () => {
  const other = createServer((_request, response) => response.end("{}"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;

  const opened = await memgpt(newHome(), ["open", "--port", String(port)], { env });

  expect(opened).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      new RegExp(`^.*Cannot listen on 127.0.0.1:${port}: another program listens there. Choose another --port.*\\n$`),
    ) as unknown,
  });
});

test("a server started by open prints no log beside the page's address", async () => {
  const opened = new Running(newHome(), ["open", "--port", "0"], env);
  await opened.until("stdout", /serves at http:\S+ /);
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(opened.stdout) ?? [];

  await fetch(`${url}/v1/health`);
  opened.kill("SIGTERM");

  expect(await opened.finished).toMatchObject({ code: 0, stderr: "" });
});
