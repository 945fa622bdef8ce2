import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

/** One of the things that are done with an agent in the list. */
async function choose(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole("button", { name: `More for ${name}` }).click();
  await page.getByRole("button", { name: `${action} ${name}` }).click();
}

inBrowser("agents", () => {
  test("an agent is renamed in place, and Escape leaves the name as it was", async () => {
    const { page } = await visit();
    await makeAgent(page);

    await choose(page, "Ada", "Rename");
    await page.getByLabel("New name of Ada").fill("Grace");
    await page.keyboard.press("Enter");

    await page.getByLabel("Message to Grace").waitFor();
    await choose(page, "Grace", "Rename");
    await page.getByLabel("New name of Grace").fill("Nobody");
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { level: 1, name: "Grace" }).waitFor();
    await page.reload();
    await page.getByLabel("Message to Grace").waitFor();
  });

  test("a copy remembers what the agent did, and neither knows what the other hears later", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");

    await choose(page, "Ada", "Copy");

    await page.getByLabel("Message to Ada copy").waitFor();
    await page.getByRole("group", { name: "Remembered in human" }).waitFor();
    await say(page, "My dog is called Rex.");
    await page.getByRole("button", { name: "Ada", exact: true }).click();
    await page.getByLabel("Message to Ada", { exact: true }).waitFor();
    expect(await page.getByText("My boyfriend is called James.").count()).toBe(1);
    expect(await page.getByText("My dog is called Rex.").count()).toBe(0);
  });

  test("an export has what was said, and a deleted agent is gone from the list", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await makeAgent(page, "Grace");

    await page.getByRole("button", { name: "More for Ada" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export Ada" }).click(),
    ]);
    const file = join(temporaryFolder(), "ada");
    await download.saveAs(file);
    expect(download.suggestedFilename()).toBe("Ada.json");
    expect(readFileSync(file, "utf8")).toContain("My boyfriend is called James.");

    await choose(page, "Ada", "Delete");
    const question = page.getByRole("dialog", { name: "Delete Ada?" });
    await question.getByRole("button", { name: "Cancel" }).click();
    expect(await page.getByRole("button", { name: "Ada", exact: true }).count()).toBe(1);
    await page.getByRole("button", { name: "Delete Ada" }).click();
    await question.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Ada", exact: true }).waitFor({ state: "detached" });
    await page.getByLabel("Message to Grace").waitFor();
  });

  test("each agent keeps a draft of its own", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await page.locator("#composer").fill("For Ada");
    await makeAgent(page, "Grace");
    await page.locator("#composer").fill("For Grace");

    await page.getByRole("button", { name: "Ada", exact: true }).click();

    await expect.poll(() => page.locator("#composer").inputValue()).toBe("For Ada");
    await page.getByRole("button", { name: "Grace", exact: true }).click();
    await expect.poll(() => page.locator("#composer").inputValue()).toBe("For Grace");
  });
});
