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

/** What has the focus: its id, or else its name. */
const FOCUSED = "document.activeElement.id || document.activeElement.getAttribute('aria-label')";

inBrowser("agents", () => {
  test("creating an agent is cancelled by its button, Escape or a click elsewhere, which restores the focus", async () => {
    const { page } = await visit();
    const field = page.getByLabel("Name of the new agent");
    const open = page.getByRole("button", { name: "New agent" });
    const ways = [
      () => page.getByRole("button", { name: "Cancel" }).click(),
      () => page.keyboard.press("Escape"),
      () => page.getByRole("main").click({ position: { x: 600, y: 700 } }),
    ];
    for (const [index, callOff] of ways.entries()) {
      await open.click();
      await field.fill("Nobody");
      await callOff();
      await field.waitFor({ state: "detached" });
      if (index < 2) await expect.poll(() => page.evaluate(FOCUSED)).toBe("new-agent");
    }

    await makeAgent(page);
    await expect.poll(() => page.evaluate(FOCUSED)).toBe("composer");
    await page.setViewportSize({ width: 360, height: 640 });
    await page.keyboard.press("Control+k");
    await page.keyboard.type("make an agent");
    await page.keyboard.press("Enter");
    await field.waitFor();
    await page.keyboard.press("Escape");
    await page.getByLabel("Message to Ada").waitFor();
    await expect.poll(() => page.evaluate(FOCUSED)).toBe("composer");
    expect(await page.getByRole("button", { name: "Close the list of agents" }).isVisible()).toBe(false);
  });

  test("the list of agents covers a narrow page until Escape or a choice, and the focus goes back", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await makeAgent(page, "Grace");
    await page.setViewportSize({ width: 360, height: 640 });
    const menu = page.getByRole("button", { name: "Agents", exact: true });
    const close = page.getByRole("button", { name: "Close the list of agents" });

    await menu.click();
    await expect.poll(() => page.evaluate(FOCUSED)).toBe("Close the list of agents");
    await page.keyboard.press("Escape");
    await close.waitFor({ state: "hidden" });
    await expect.poll(() => page.evaluate(FOCUSED)).toBe("Agents");

    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(FOCUSED)).toBe("Close the list of agents");
    await page.keyboard.press("Enter");
    await close.waitFor({ state: "hidden" });
    await expect.poll(() => page.evaluate(FOCUSED)).toBe("Agents");

    await menu.click();
    await page.getByRole("button", { name: "Ada", exact: true }).click();
    await page.getByLabel("Message to Ada").waitFor();
    expect(await close.isVisible()).toBe(false);
  });

  test("if an agent cannot be created, its name stays in the box, with the reason", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await page.getByRole("button", { name: "New agent" }).click();
    await page.getByLabel("Name of the new agent").fill("Grace");
    await page.route("**/v1/agents", (route) => route.abort("connectionreset"));

    await page.getByRole("button", { name: "Make", exact: true }).click();

    await page.getByRole("navigation", { name: "Agents" }).getByRole("alert").waitFor();
    expect(await page.getByLabel("Name of the new agent").inputValue()).toBe("Grace");
    await page.unroute("**/v1/agents");
    await page.getByRole("button", { name: "Make", exact: true }).click();
    await page.getByLabel("Message to Grace").waitFor();
  });

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

  test("a copy has the agent's memory, and both are independent from then on", async () => {
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

  test("each agent keeps its own draft", async () => {
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

  test("a box to type into has the focus as soon as it appears", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await page.evaluate(`new MutationObserver(() => {
      const box = document.querySelector(".naming input, dialog input, .edit textarea");
      if (box !== null && box !== window.seenBox) (window.focused ??= []).push(document.activeElement === box);
      window.seenBox = box;
    }).observe(document.body, { childList: true, subtree: true, attributes: true })`);
    await page.getByRole("button", { name: "New agent" }).click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command" }).waitFor();

    expect(await page.evaluate("window.focused")).toEqual([true, true]);
  });
});
