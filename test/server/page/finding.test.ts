import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

inBrowser("finding one's way", () => {
  test("the palette finds commands by the words of those who do not know their names", async () => {
    const { page } = await visit();
    await makeAgent(page);

    expect(await offered(page, "yesterday")).toEqual(["Go back in time"]);
    expect(await offered(page, "correct fact")).toEqual(["Show memory"]);
    expect(await offered(page, "know about me")).toEqual(["Show memory"]);
  });

  test("a panel opened by the palette has the focus, and a search takes what is typed", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");

    await choose(page, "go back in time");
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Time");
    await page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: "Search" }).click();
    await expect.poll(() => page.evaluate("document.activeElement.type")).toBe("search");
    await page.keyboard.type("boyfriend");

    await page.getByRole("region", { name: "Results" }).getByText("My boyfriend is called James.").first().waitFor();
  });

  test("an agent is renamed and deleted from the palette, on a narrow screen too", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await page.setViewportSize({ width: 360, height: 740 });

    await choose(page, "rename");
    await page.getByLabel("New name of Ada").fill("Grace");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Grace", exact: true }).click();
    await choose(page, "delete");
    await page.getByRole("dialog", { name: "Delete Grace?" }).getByRole("button", { name: "Delete" }).click();

    await page.getByText("Nobody is here yet").waitFor();
  });

  test("the actions on an agent are named in words", async () => {
    const { page } = await visit();
    await makeAgent(page);

    await page.getByRole("button", { name: "More for Ada" }).click();

    const actions = await page.getByRole("group", { name: "Ada", exact: true }).getByRole("button").allInnerTexts();
    expect(actions.map((text) => text.trim())).toEqual(["Rename", "Copy", "Export", "Delete"]);
  });

  test("memory begins with what it knows about the person", async () => {
    const { page } = await visit();
    await makeAgent(page);

    await page.getByRole("button", { name: "Memory", exact: true }).click();

    const blocks = page.getByRole("region", { name: /^Block / });
    await blocks.first().waitFor();
    expect(await blocks.getByRole("heading").allInnerTexts()).toEqual(["human", "persona"]);
  });

  test("a new conversation says that the practice model is not a language model, and leads to the settings", async () => {
    const { page } = await visit();
    await makeAgent(page);

    await page.getByRole("button", { name: "choose a language model" }).click();

    await page.getByRole("complementary", { name: "Settings" }).waitFor();
    expect(await page.getByRole("navigation", { name: "Agents" }).innerText()).toContain(
      "New agents use memgpt/practice",
    );
  });

  test("the bar of the context window keeps its height where the panel is too short for its content", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await page.setViewportSize({ width: 360, height: 400 });

    await choose(page, "context window");

    const bar = page.getByRole("img", { name: "of the context window is in use" });
    expect((await bar.boundingBox())?.height).toBeGreaterThan(20);
  });
});

/** The commands that the palette offers for a text. Leaves it closed. */
async function offered(page: Page, text: string): Promise<string[]> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).fill(text);
  const names = await page.getByRole("option").allInnerTexts();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Commands" }).waitFor({ state: "detached" });
  return names;
}

/** Runs the first command that the palette offers for a text. */
async function choose(page: Page, text: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).fill(text);
  await page.keyboard.press("Enter");
}
