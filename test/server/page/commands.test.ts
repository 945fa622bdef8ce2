import { expect, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

inBrowser("commands in the message box", () => {
  test("a line that begins with a slash is run, not sent as a message", async () => {
    const { page, complaints } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    const box = page.getByLabel("Message to Ada");
    const run = async (line: string): Promise<void> => {
      await box.fill(line);
      await page.keyboard.press("Enter");
    };

    await run("/memory");
    const human = page.getByLabel("What the model sees in human");
    await expect.poll(() => human.innerText()).toContain("James");
    await run("/undo");
    await expect.poll(() => human.innerText()).not.toContain("James");
    await expect.poll(() => page.getByRole("article").count()).toBe(0);
    await run("/redo");
    await expect.poll(() => human.innerText()).toContain("James");
    // One of those that the server runs.
    await run("/rewrite So his name is James.");
    await expect.poll(() => page.locator("article.agent").last().innerText()).toContain("So his name is James.");
    await run("/search boyfriend");
    await page.getByRole("region", { name: "Results" }).getByText("My boyfriend is called James.").first().waitFor();

    expect(await page.locator("article.person").count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test("an unknown command is refused with the existing ones, and stays in the box", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await page.getByLabel("Message to Ada").fill("/unod");

    await page.keyboard.press("Enter");

    await page.getByText(/There is no command unod\. Commands: .*undo/).waitFor();
    expect(await page.getByLabel("Message to Ada").inputValue()).toBe("/unod");
    expect(await page.getByRole("article").count()).toBe(0);
  });

  test("after a space it is sent as a message", async () => {
    const { page } = await visit();
    await makeAgent(page);

    await say(page, " /undo is a command, is it not?");

    expect(await page.locator("article.person").innerText()).toContain("/undo is a command");
  });
});
