import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

async function openPanel(page: Page, command: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).fill(command);
  await page.keyboard.press("Enter");
}

/** Twelve chapters, each long enough for a passage of its own. */
function book(): string {
  return Array.from({ length: 12 }, (_, index) => {
    const body = `Chapter ${index + 1} tells of a ${index === 6 ? "heron" : "boat"}. `.repeat(30);
    return `# Part ${index + 1}\n\n${body}`;
  }).join("\n\n");
}

inBrowser("search", () => {
  test("what answers comes first, core memory included, and the agent's own words after it", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My dog is called Pixel.");
    await say(page, "My aunt called about the garden.");
    await say(page, "What is my dog called?");
    await openPanel(page, "search what");

    await page.getByRole("searchbox").fill("what is my dog called");

    const results = page.getByRole("region", { name: "Results" });
    await results.getByRole("heading", { name: "In what was said" }).waitFor();
    const found = await results.getByRole("article").allInnerTexts();
    expect(found[0]).toMatch(/^Dog named Pixel[\s\S]*human/);
    const said = found.findIndex((text) => text.startsWith("My dog is called Pixel."));
    const repeated = found.findIndex((text) => text.includes("the agent"));
    expect(said).toBeGreaterThan(0);
    expect(repeated === -1 || repeated > said).toBe(true);
    await results.getByRole("button", { name: "Correct it" }).first().click();
    await page.getByLabel("Text of human").waitFor();
  });

  test("a passage of a document is opened among those before and after it, with its heading", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await openPanel(page, "load files");
    const file = { name: "book.md", mimeType: "text/markdown", buffer: Buffer.from(book()) };
    await page.getByLabel("Files, up to 45 MB each").setInputFiles(file);
    await page.getByText(/^book\.md: done/).waitFor();
    await openPanel(page, "search what");
    await page.getByRole("searchbox").fill("heron");
    const results = page.getByRole("region", { name: "Results" });

    await results.getByRole("button", { name: "Show where" }).first().click();

    const around = results.getByRole("region", { name: "Where it stands" });
    await around.getByRole("heading", { name: "book.md" }).waitFor();
    await expect.poll(() => around.locator("mark").innerText()).toContain("Chapter 7 tells of a heron.");
    const texts = await around.getByRole("listitem").allInnerTexts();
    const at = texts.findIndex((text) => text.includes("heron"));
    expect(texts[at]).toContain("Part 7");
    expect(texts.slice(0, at).join(" ")).toContain("Chapter 6");
    expect(texts.slice(at + 1).join(" ")).toContain("Chapter 8");
    await around.getByRole("button", { name: "More before and after" }).click();
    await expect.poll(() => around.getByRole("listitem").count()).toBeGreaterThan(texts.length);
  });

  test("the name of a source opens its documents, and leaves it attached", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await openPanel(page, "load files");
    const file = { name: "boat.txt", mimeType: "text/plain", buffer: Buffer.from("The Aurora has an oak keel.") };
    await page.getByLabel("Files, up to 45 MB each").setInputFiles(file);
    await page.getByText("boat.txt: done. 1 passage").waitFor();

    await page.getByRole("button", { name: "uploads", exact: true }).click();

    await page.getByRole("list", { name: "Documents in uploads" }).getByText("boat.txt").waitFor();
    expect(await page.getByRole("checkbox", { name: "The agent searches uploads" }).isChecked()).toBe(true);
  });
});
