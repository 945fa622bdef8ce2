import { expect, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

inBrowser("forgetting", () => {
  test("what would go is shown first, then is gone in every window, and no undo restores it", async () => {
    const { page, another } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await say(page, "I am building a boat.");
    const other = await another();
    await other.locator("article.person").first().waitFor();
    await page.getByRole("button", { name: "Memory", exact: true }).click();
    await page.getByText("Forget something for good").click();
    await page.getByLabel("Words, in any case of letters").fill("james");

    await page.getByRole("button", { name: "Show what would go" }).click();

    const dialog = page.getByRole("dialog", { name: "Forget this for good?" });
    await expect.poll(() => dialog.innerText()).toContain("sentences in human");
    expect(await dialog.getByRole("list", { name: "Some of it" }).innerText()).toContain("James");
    expect(await dialog.getByRole("checkbox", { name: "Take it out of human too" }).isChecked()).toBe(true);
    expect(await page.getByLabel("What the model sees in human").innerText()).toContain("James");

    await dialog.getByRole("button", { name: "Forget for good" }).click();

    await page.getByText(/^Forgotten for good\./).waitFor();
    const text = (window: typeof page): Promise<string> => window.getByRole("log", { name: "Messages" }).innerText();
    await expect.poll(() => text(page)).not.toContain("James");
    await expect.poll(() => text(other)).not.toContain("James");
    expect(await text(page)).toContain("I am building a boat.");
    const human = page.getByLabel("What the model sees in human");
    await expect.poll(() => human.innerText()).not.toContain("James");
    await page.getByRole("button", { name: "Undo the last turn or command, memory included" }).click();
    await page.getByText(/^Undone/).waitFor();
    expect((await human.innerText()) + (await text(page))).not.toContain("James");
  });

  test("a search whose results were forgotten says so, and the focus stays in the conversation", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "I am allergic to peanuts.");
    await say(page, "What am I allergic to?");

    await page.getByRole("button", { name: "Forget the message for good" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Forget this for good?" });
    await dialog.getByRole("button", { name: "Forget for good" }).click();

    await page
      .getByText(/^Forgotten for good\./)
      .first()
      .waitFor();
    await page.getByText("Called conversation_search, whose result was forgotten").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement.ariaLabel")).toBe("Messages");
  });

  test("what is shown of a long message ends with an ellipsis", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, `My boyfriend is called James, ${"and we went along the river ".repeat(6)}home.`);
    await page.getByRole("button", { name: "Forget the message for good" }).click();

    const some = page.getByRole("dialog").getByRole("list", { name: "Some of it" });

    expect(await some.getByRole("listitem").first().innerText()).toMatch(/^My boyfriend is called James, .*…$/);
  });

  test("cancelled, or with a block left out, it stays as it was chosen", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await page.getByRole("button", { name: "Memory", exact: true }).click();
    const human = page.getByLabel("What the model sees in human");
    const bin = page.locator("article.person").getByRole("button", { name: "Forget the message for good" });
    const dialog = page.getByRole("dialog", { name: "Forget this for good?" });

    await bin.click();
    await dialog.getByText("What goes:").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    expect(await page.locator("article.person").innerText()).toContain("James");

    await page.getByText("Forget something for good").click();
    await page.getByLabel("Words, in any case of letters").fill("James");
    await page.getByRole("button", { name: "Show what would go" }).click();
    await dialog.getByRole("checkbox", { name: "Take it out of human too" }).uncheck();
    await dialog.getByRole("button", { name: "Forget for good" }).click();

    await page.getByText("It is still in human, as you chose.").waitFor();
    expect(await human.innerText()).toContain("James");
    await expect.poll(() => page.getByRole("log", { name: "Messages" }).innerText()).not.toContain("James");
  });
});
