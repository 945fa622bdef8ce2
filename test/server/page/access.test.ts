import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { testServer } from "../support/server.ts";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

type Violation = { readonly id: string; readonly nodes: readonly { readonly html: string }[] };

/** What axe finds wrong: the rule, and the element. */
async function violations(page: Page): Promise<string[]> {
  // Run as a debugger's text: the page's own policy allows no script but its own.
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate<{ violations: Violation[] }>("axe.run()");
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

inBrowser("access", () => {
  test.each(["light", "dark"] as const)("axe finds nothing wrong in any view, %s", async (colorScheme) => {
    const { page } = await visit();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await say(page, "I am building a boat with `code` and\n\n```js\nconst a = 1;\n```");
    await say(page, "What do you know about my boat?");
    await page.getByRole("button", { name: "Why this reply?" }).click();
    await page.getByRole("region", { name: "Why this reply" }).getByText("It wrote down").waitFor();
    expect(await violations(page)).toEqual([]);

    await page.getByRole("button", { name: "Memory", exact: true }).click();
    await page.getByRole("button", { name: "Edit human" }).click();
    await page.getByRole("button", { name: "History of persona" }).click();
    expect(await violations(page)).toEqual([]);

    const panels = page.getByRole("navigation", { name: "Panels" });
    await panels.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("boat");
    await page.getByRole("region", { name: "Results" }).locator("article").first().waitFor();
    expect(await violations(page)).toEqual([]);

    await panels.getByRole("button", { name: "Time" }).click();
    await page
      .getByRole("list", { name: /^Timeline/ })
      .getByRole("button")
      .nth(2)
      .click();
    await page.getByRole("button", { name: "Go there" }).waitFor();
    expect(await violations(page)).toEqual([]);

    await panels.getByRole("button", { name: "Context" }).click();
    await page.getByText("Tokens by section").waitFor();
    expect(await violations(page)).toEqual([]);

    await panels.getByRole("button", { name: "Sources" }).click();
    const file = { name: "boat.txt", mimeType: "text/plain", buffer: Buffer.from("The Aurora has an oak keel.") };
    await page.getByLabel("Files, up to 45 MB each").setInputFiles(file);
    await page.getByText("boat.txt: done").waitFor();
    expect(await violations(page)).toEqual([]);

    await panels.getByRole("button", { name: "Settings" }).click();
    for (const section of await page.locator("details.section > summary").all()) await section.click();
    await page.getByRole("list", { name: "Functions it has" }).waitFor();
    await page.getByRole("button", { name: "Make my key" }).waitFor();
    expect(await violations(page)).toEqual([]);

    await page.locator("article.person").first().getByRole("button", { name: "Forget the message for good" }).click();
    await page.getByText("What goes:").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();

    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test.each(["light", "dark"] as const)(
    "axe finds nothing wrong in questions, refusals and notices, %s",
    async (colorScheme) => {
      const dir = temporaryFolder();
      const before = await testServer({ dir });
      const { id } = await before.accounts.addUser("Mara");
      await before.accounts.createKey({ user: id, name: "laptop" });
      const { token } = await before.accounts.createKey({ user: "default", admin: true });
      await before.close(0);
      const { page, server } = await visit({ dir });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.getByLabel("Key").fill("mg-wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").waitFor();
      expect(await violations(page)).toEqual([]);

      await page.getByLabel("Key").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("Nobody is here yet").waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "New agent" }).click();
      await page.getByLabel("Name of the new agent").fill("Grace");
      await page.route("**/v1/agents", (route) => route.abort("connectionreset"));
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      expect(await violations(page)).toEqual([]);
      await page.unroute("**/v1/agents");
      await page.keyboard.press("Escape");
      await makeAgent(page);
      expect(await violations(page)).toEqual([]);

      await say(page, "My boyfriend is called James.");
      await page.getByRole("button", { name: "Why and history" }).click();
      await page.getByText("It thought:").waitFor();
      await page.getByRole("button", { name: "Edit the message" }).click();
      await page.locator("#composer").fill("/unod");
      await page.locator("#composer").press("Enter");
      await page.locator(".toast.failure").waitFor();
      expect(await violations(page)).toEqual([]);

      await page.getByRole("button", { name: "Correct it" }).click();
      await page.getByLabel("Text of human").fill("x".repeat(3000));
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "Remove persona" }).click();
      await page.getByRole("dialog", { name: "Remove persona?" }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();

      await page.getByRole("button", { name: "Settings" }).first().click();
      await page.getByText("Users and keys", { exact: true }).click();
      await page.getByRole("button", { name: "Make a key for Mara" }).click();
      await page.getByText("Copy it now: it is not shown again.").waitFor();
      await page.getByText("Import", { exact: true }).click();
      await page.getByLabel("File, up to 45 MB").setInputFiles({
        name: "memories.jsonl",
        mimeType: "application/json",
        buffer: Buffer.from('{"role":"user","content":"I keep bees."}\n'),
      });
      await page.getByRole("list", { name: "What it brings" }).waitFor();
      expect(await violations(page)).toEqual([]);

      await page.setViewportSize({ width: 360, height: 640 });
      await page.getByRole("button", { name: "Close the panel" }).click();
      await page.getByRole("button", { name: "Agents", exact: true }).click();
      await page.getByRole("button", { name: "More for Ada" }).click();
      await page.getByRole("button", { name: "Delete Ada" }).click();
      await page.getByRole("dialog", { name: "Delete Ada?" }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await server.close(0);
      await page.getByText("The server does not answer. What").waitFor();
      expect(await violations(page)).toEqual([]);
    },
    // It passes by a dozen views.
    300_000,
  );

  test("everything works by keyboard: an agent, a message, a panel, and time travel", async () => {
    const { page } = await visit();
    const command = async (name: string): Promise<void> => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Command" }).waitFor();
      await page.keyboard.type(name);
      await page.keyboard.press("Enter");
    };

    await page.getByRole("button", { name: "New agent" }).waitFor();
    await command("make an agent");
    await page.getByLabel("Name of the new agent").waitFor();
    await page.keyboard.type("Ada");
    await page.keyboard.press("Enter");
    // Whoever has made an agent wants to talk to it.
    await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("composer");
    await page.keyboard.type("My boyfriend is called James.");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Copy the reply" }).waitFor();
    await command("show memory");
    const human = page.getByLabel("What the model sees in human");
    await expect.poll(() => human.innerText()).toContain("James");
    await command("undo the last");

    await expect.poll(() => human.innerText()).not.toContain("James");
  });

  test("the palette works by keyboard alone: open, wrap around, close, and run", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("composer");
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("/");
    await page.keyboard.type("a draft");
    await page.keyboard.press("Control+k");
    const box = page.getByRole("combobox", { name: "Command" });
    await box.waitFor();
    const chosen = page.getByRole("option", { selected: true });
    const options = page.getByRole("option");
    const first = await options.first().innerText();
    const last = await options.last().innerText();

    expect(await chosen.innerText()).toBe(first);
    await page.keyboard.press("ArrowUp");
    await expect.poll(() => chosen.innerText()).toBe(last);
    const frame = (await page.getByRole("dialog").boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const row = (await chosen.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    expect(row.y).toBeGreaterThanOrEqual(frame.y);
    expect(row.y + row.height).toBeLessThanOrEqual(frame.y + frame.height);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => chosen.innerText()).toBe(first);
    await page.keyboard.type("no such thing");
    await page.getByText("No matching command.").waitFor();
    await page.keyboard.press("Escape");
    await box.waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement.id")).toBe("composer");
    expect(await page.getByLabel("Message to Ada").inputValue()).toBe("a draft");

    await page.keyboard.press("Control+k");
    await box.waitFor();
    await page.keyboard.type("context");
    await page.keyboard.press("Enter");
    await page.getByText("Tokens by section").waitFor();
  });

  test("a message in Hebrew reads from right to left beside one in English", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "שלום, קוראים לי מרים ואני גרה בחיפה.\n\n- אחת\n- שתיים");
    await say(page, "And in English again.");
    const directions = await page.evaluate<string[]>(
      "[...document.querySelectorAll('article.person .markdown')].map((text) => getComputedStyle(text).direction)",
    );
    expect(directions).toEqual(["rtl", "ltr"]);

    // The bullet stands to the right of its line.
    const [list = 0, line = 0] = await page.evaluate<number[]>(`(() => {
      const list = document.querySelector("article.person ul");
      const range = document.createRange();
      range.selectNodeContents(list.querySelector("li"));
      return [list.getBoundingClientRect().right, range.getBoundingClientRect().right];
    })()`);
    expect(list).toBeGreaterThan(line);
  });

  test.each([
    ["360 pixels", { width: 360, height: 640 }, "ltr"],
    ["2,560 pixels", { width: 2560, height: 1400 }, "ltr"],
    ["200 % zoom", { width: 640, height: 400 }, "ltr"],
    ["1,280 pixels", { width: 1280, height: 800 }, "ltr"],
    ["right to left", { width: 1280, height: 800 }, "rtl"],
  ] as const)("nothing is cut off at %s", async (_, size, direction) => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, `My boyfriend is called James. ${"x".repeat(300)}`);
    await page.setViewportSize(size);
    await page.evaluate(`document.documentElement.dir = "${direction}"`);

    for (const name of [
      "show memory",
      "search what",
      "go back in time",
      "show the context",
      "load files",
      "settings",
    ]) {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Command" }).fill(name);
      await page.keyboard.press("Enter");
      await page.getByRole("complementary").waitFor();
      const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect(await page.evaluate(overflow)).toBe(0);
      const body =
        "(() => { const b = document.querySelector('.panel-body'); return b.scrollWidth - b.clientWidth; })()";
      expect(await page.evaluate(body)).toBe(0);
      // One line of tabs, none behind another.
      const tops =
        "[...document.querySelectorAll('.panel-head button')].map((it) => it.getBoundingClientRect().bottom)";
      const [tab = 0, ...others] = await page.evaluate<number[]>(tops);
      for (const other of others) expect(Math.abs(other - tab)).toBeLessThan(4);
      const head =
        "(() => { const b = document.querySelector('.panel-head'); return b.scrollWidth - b.clientWidth; })()";
      expect(await page.evaluate(head)).toBe(0);
    }
    await page.keyboard.press("Control+k");
    const palette = (await page.getByRole("dialog").boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    expect(palette.y).toBeGreaterThan(0);
    expect(palette.y + palette.height).toBeLessThan(size.height - 16);
    await page.keyboard.press("Escape");
    const messages = "(() => { const b = document.querySelector('.scroll'); return b.scrollWidth - b.clientWidth; })()";
    expect(await page.evaluate(messages)).toBe(0);
  });
});
