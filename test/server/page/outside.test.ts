import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ScriptedLlm } from "memgpt/testing";
import { expect, onTestFinished, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

/** Somebody else's server, and what it was asked. */
async function elsewhere(): Promise<{ url: string; asked: { path: string; referer: string | undefined }[] }> {
  const asked: { path: string; referer: string | undefined }[] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? "", referer: request.headers.referer });
    response.end("a picture");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function saying(message: string): () => ScriptedLlm {
  return () => new ScriptedLlm([{ call: "send_message", args: { message } }]);
}

inBrowser("what leads elsewhere", () => {
  test("a picture is fetched only when a person follows its link, without a referrer", async () => {
    const { url, asked } = await elsewhere();
    const { page } = await visit({ llm: saying(`Look: ![a heron](${url}/heron.png?seen=yes)`) });
    await makeAgent(page);
    await say(page, "Show me a heron.");
    const link = page.getByRole("link", { name: "Picture: a heron" });
    await link.waitFor();
    expect(asked).toEqual([]);

    const opened = page.context().waitForEvent("page");
    await link.click();
    await (await opened).waitForLoadState();

    expect(asked.find(({ path }) => path === "/heron.png?seen=yes")).toEqual({
      path: "/heron.png?seen=yes",
      referer: undefined,
    });
  });

  test("a link names the site that it leads to, whatever its text says", async () => {
    const text =
      "[bank.example](https://evil.example/login) and [evil.example](https://evil.example/) and https://a.example/b";
    const { page } = await visit({ llm: saying(text) });
    await makeAgent(page);
    await say(page, "Where is my bank?");

    const links = page.locator("article.agent .markdown a.outside");

    expect(await links.allInnerTexts()).toEqual(["bank.example (evil.example)", "evil.example", "https://a.example/b"]);
    const marks = await page.evaluate<string[]>(
      "[...document.querySelectorAll('a.outside')].map((link) => getComputedStyle(link, '::after').content)",
    );
    expect(marks).toEqual(['" ↗"', '" ↗"', '" ↗"']);
  });
});
