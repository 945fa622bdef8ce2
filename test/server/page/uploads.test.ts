import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

const NOTES = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("The Aurora has an oak keel.") };

async function openSources(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).fill("load files");
  await page.keyboard.press("Enter");
}

inBrowser("uploads", () => {
  test("a dropped file is loaded and searched", async () => {
    const { page } = await visit();
    await makeAgent(page);

    await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["The Aurora has an oak keel."], "boat.txt"));
      document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    })()`);

    await page.getByText("boat.txt: done. 1 passage").waitFor();
    await say(page, "What is the keel of the Aurora made of?");
    await expect.poll(() => page.locator("article.agent").last().innerText()).toContain("oak keel");
  });

  test("an interrupted upload says so, and can be retried", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await openSources(page);
    await page.route("**/documents", (route) => route.abort("connectionreset"));

    await page.getByLabel("Files, up to 45 MB each").setInputFiles(NOTES);

    await page.getByText(/^notes\.txt: failed\. The server does not answer\./).waitFor();
    expect(await page.getByText("It has no source yet.").count()).toBe(1);
    await page.unroute("**/documents");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("notes.txt: done. 1 passage").waitFor();
    await page.getByRole("checkbox", { name: "uploads" }).waitFor();
  });

  test("a file that disappears and one that is not a document do not stop the others", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await openSources(page);
    const folder = temporaryFolder();
    const files = ["first.txt", "gone.txt", "broken.pdf", "last.txt"].map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, "The Aurora has an oak keel.");
    writeFileSync(files[2] ?? "", "%PDF-1.7 and nothing more");
    // As long as the first is on its way, the second is deleted.
    await page.route("**/documents", async (route) => {
      rmSync(files[1] ?? "", { force: true });
      await route.continue();
    });

    await page.getByLabel("Files, up to 45 MB each").setInputFiles(files);

    await page.getByText(/^first\.txt: done/).waitFor();
    await page.getByText(/^gone\.txt: failed\. gone\.txt cannot be read\./).waitFor();
    await page.getByText(/^broken\.pdf: failed\. /).waitFor();
    await page.getByText(/^last\.txt: done/).waitFor();
  });

  test("a file that is too large is refused with the limit", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await openSources(page);
    const file = join(temporaryFolder(), "large.txt");
    writeFileSync(file, "a heron");
    truncateSync(file, 45_100_000);
    await page.getByLabel("Files, up to 45 MB each").setInputFiles(file);
    await page
      .getByText("large.txt: failed. It has 45.1 MB; the limit is 45 MB. memgpt load takes larger files.")
      .waitFor();
  });

  test("a pasted text that is too long for a message becomes a document", async () => {
    const { page, complaints } = await visit();
    await makeAgent(page);
    const box = page.getByLabel("Message to Ada");
    await box.focus();

    await page.evaluate(`(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "The Aurora has an oak keel. " + "Herons nest in the reeds by the river.\\n\\n".repeat(110_000));
      const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
      if (document.querySelector("#composer").dispatchEvent(event)) throw new Error("it was inserted");
    })()`);

    await page.getByText("4.4 million characters are too many for a message").waitFor();
    await page.getByText(/^pasted\.txt: done/).waitFor({ timeout: 120_000 });
    expect(await box.inputValue()).toBe("");
    await say(page, "What is the keel of the Aurora made of?");
    await expect.poll(() => page.locator("article.agent").last().innerText()).toContain("oak keel");
    expect(complaints).toEqual([]);
  }, 180_000);

  test("a paste of 200 KB is sent and shown", async () => {
    const { page, complaints } = await visit();
    await makeAgent(page);
    const box = page.getByLabel("Message to Ada");
    await box.focus();
    await page.evaluate(`document.execCommand("insertText", false, "herons and oaks ".repeat(12800))`);
    expect((await box.inputValue()).length).toBe(204_800);
    const height = (await box.boundingBox())?.height ?? 0;
    expect(height).toBeLessThan(400);

    await page.keyboard.press("Enter");

    await page
      .getByRole("button", { name: /^Show all 204,/ })
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Copy the reply" }).waitFor();
    await say(page, "My boyfriend is called James.");
    expect(complaints).toEqual([]);
  });
});
