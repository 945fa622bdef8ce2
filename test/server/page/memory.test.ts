import { expect, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

inBrowser("memory", () => {
  test("a remembered fact leads to its message and to its editor, whose draft survives looking elsewhere", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await say(page, "What is the weather like?");
    const row = page.getByRole("group", { name: "Remembered in human" });

    await row.getByRole("button", { name: "What led to it" }).click();
    await page.locator("article.target").getByText("My boyfriend is called James.").waitFor();

    await row.getByRole("button", { name: "Correct it" }).click();
    const text = page.getByLabel("Text of human");
    await expect.poll(() => page.evaluate("document.activeElement.ariaLabel")).toBe("Text of human");
    await text.fill((await text.inputValue()).replace("James", "Jim"));
    const panels = page.getByRole("navigation", { name: "Panels" });
    await panels.getByRole("button", { name: "Search" }).click();
    await makeAgent(page, "Grace");
    await panels.getByRole("button", { name: "Memory" }).click();
    await page.getByRole("region", { name: "Block human" }).waitFor();
    expect(await text.count()).toBe(0);
    await page.getByRole("button", { name: "Ada", exact: true }).click();
    await expect.poll(() => text.inputValue()).toContain("Boyfriend named Jim");
    await page.getByRole("button", { name: "Save" }).click();

    const human = page.getByLabel("What the model sees in human");
    await expect.poll(() => human.innerText()).toContain("Boyfriend named Jim");
    expect(await human.innerText()).not.toContain("James");
  });

  test("archival memory is searched in one source, and results cite document and page", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command" }).fill("load files");
    await page.keyboard.press("Enter");
    for (const [source, text] of [
      ["boats", "The Aurora has an oak keel."],
      ["birds", "The heron on the keel is grey."],
    ] as const) {
      await page.getByLabel("Into the source").fill(source);
      const file = { name: `${source}.txt`, mimeType: "text/plain", buffer: Buffer.from(text) };
      await page.getByLabel("Files, up to 45 MB each").setInputFiles(file);
      await page.getByText(`${source}.txt: done`).waitFor();
    }
    await page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: "Search" }).click();
    await page.getByRole("button", { name: "What it wrote down" }).click();
    await page.getByRole("searchbox").fill("keel");
    const results = page.getByRole("region", { name: "Results" });
    await expect.poll(() => results.getByRole("article").count()).toBe(2);

    await page.getByText("Narrow it").click();
    await page.getByRole("combobox", { name: "In", exact: true }).selectOption("boats");

    await expect.poll(() => results.getByRole("article").count()).toBe(1);
    expect(await results.innerText()).toMatch(/oak keel[\s\S]*boats: boats\.txt/);
  });
});
