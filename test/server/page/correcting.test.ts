import { expect, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

inBrowser("correcting", () => {
  test("correcting a fact selects its line, and what is typed replaces it", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "I live in Lyon.");
    await say(page, "My boyfriend is called James.");
    await say(page, "Where do I live?");
    await page.getByRole("button", { name: "Why this reply?" }).click();
    const why = page.getByRole("region", { name: "Why this reply" });

    await why
      .getByRole("listitem")
      .filter({ hasText: "Lives in Lyon" })
      .getByRole("button", { name: "Correct it" })
      .click();
    await expect.poll(() => page.evaluate("getSelection().toString()")).toBe("Lives in Lyon");
    await page.keyboard.type("Lives in Nantes");
    await page.getByRole("button", { name: "Save" }).click();

    await page.getByText("Saved. One undo brings the old text back.").first().waitFor();
    const human = page.getByLabel("What the model sees in human");
    expect(await human.innerText()).toMatch(/^Lives in Nantes\nBoyfriend named James$/m);
    expect(await page.evaluate("document.activeElement.ariaLabel")).toBe("Edit human");
  });

  test("the line that a row of the conversation wrote is selected too", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await say(page, "I have a cat called Mochi.");

    await page.getByRole("button", { name: "Correct it" }).first().click();

    await expect.poll(() => page.evaluate("getSelection().toString()")).toBe("Boyfriend named James");
  });
});
