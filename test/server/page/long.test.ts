import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { MemGPT } from "memgpt";
import { expect, test } from "vitest";
import { collect, temporaryFolder } from "../../support/agents.ts";
import { inBrowser, say, visit } from "./support/browser.ts";

const MESSAGES = 2000;

test("script and style sheet are less than 60 KB together, as they are sent", () => {
  const folder = fileURLToPath(new URL("../../../dist/server/page/", import.meta.url));
  const bytes = ["main.js", "style.css", "index.html"].map((file) => gzipSync(readFileSync(join(folder, file))).length);

  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000);
});

/** A home with an agent that has said and heard much. */
async function longHome(): Promise<string> {
  const dir = temporaryFolder();
  const memgpt = await MemGPT.open({ dir, env: {} });
  const agent = await memgpt.createAgent({ name: "Ada" });
  const start = Date.parse("2026-01-01T08:00:00Z");
  const lines = Array.from({ length: MESSAGES }, (_, index) => ({
    role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
    text: index === 300 ? "The heron nests behind the old mill." : `Line number ${index} about the garden.`,
    createdAt: new Date(start + index * 60_000).toISOString(),
  }));
  await agent.importMessages(lines);
  await agent.close();
  await memgpt.close();
  return dir;
}

inBrowser("a long conversation", () => {
  test("scrolls back smoothly: nothing on the screen jumps when older lines load", async () => {
    const { page } = await visit({ dir: await longHome() });
    await page.getByText(`Line number ${MESSAGES - 1} about`).waitFor();

    // How far the line in the middle moves between one step of 60 pixels and the next, and how many lines came meanwhile.
    const [off = NaN, rows = 0] = await page.evaluate<number[]>(`new Promise((resolve) => {
      const area = document.querySelector(".scroll");
      let [steps, off] = [0, 0];
      let line, expected;
      const step = () => {
        if (line?.isConnected) off = Math.max(off, Math.abs(line.getBoundingClientRect().top - expected));
        line = document.elementFromPoint(700, 400)?.closest("article");
        const before = area.scrollTop;
        area.scrollTop -= 60;
        expected = line ? line.getBoundingClientRect().top : 0;
        if (area.scrollTop < before) steps += 1;
        const rows = document.querySelectorAll("article").length;
        if (steps < 100 || rows <= 60) requestAnimationFrame(step);
        else resolve([off, rows]);
      };
      requestAnimationFrame(step);
    })`);

    expect(rows).toBeGreaterThan(60);
    expect(off).toBeLessThan(2);
  });

  test("is loaded in parts while scrolling, and a found line is shown in its place", async () => {
    const { page } = await visit({ dir: await longHome() });
    const rows = page.getByRole("article");
    await page.getByText(`Line number ${MESSAGES - 1} about`).waitFor();

    const counts: number[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      const first = (await rows.first().getAttribute("id")) ?? "";
      await page.evaluate("document.querySelector('.scroll').scrollTop = 0");
      await expect.poll(async () => (await rows.first().getAttribute("id")) !== first).toBe(true);
      counts.push(await rows.count());
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(300);
    await page.getByText(`Line number ${MESSAGES - 1} about`).waitFor({ state: "detached" });

    await page.keyboard.press("Control+k");
    await page.keyboard.type("search what");
    await page.keyboard.press("Enter");
    await page.getByRole("searchbox").fill("heron mill");
    await page.getByRole("button", { name: "Show where" }).first().click();

    const target = page.locator("article.target");
    await target.waitFor();
    expect(await target.innerText()).toContain("The heron nests behind the old mill.");
    expect(await page.getByText("Line number 299 about").count()).toBe(1);
    await page.getByRole("button", { name: "Newest" }).click();
    await page.getByText(`Line number ${MESSAGES - 1} about`).waitFor();
  });

  test("a message that is sent is on the screen with its reply, wherever the conversation was scrolled to", async () => {
    const { page } = await visit({ dir: await longHome() });
    const last = page.getByText(`Line number ${MESSAGES - 1} about`);
    await last.waitFor();
    await page.evaluate("document.querySelector('.scroll').scrollTop -= 900");

    await say(page, "I own a red kayak.");

    const below =
      "(() => { const s = document.querySelector('.scroll'); return s.scrollHeight - s.scrollTop - s.clientHeight; })()";
    await expect.poll(() => page.evaluate<number>(below)).toBeLessThan(80);
    await page.getByText("I own a red kayak.").first().waitFor();
  });
});

inBrowser("a conversation of several days", () => {
  test("names each day, also where it began with an event that people do not see", async () => {
    const dir = temporaryFolder();
    const memgpt = await MemGPT.open({ dir, env: {} });
    const agent = await memgpt.createAgent({ name: "Ada" });
    for (const day of ["2026-01-05", "2026-01-06"]) {
      await collect(agent.send({ type: "login", time: `${day}T08:00:00Z` }));
      await collect(agent.send({ type: "user_message", message: `It is ${day}.`, time: `${day}T08:01:00Z` }));
    }
    await memgpt.close();

    const { page } = await visit({ dir });

    await page.getByText("It is 2026-01-06.").first().waitFor();
    expect(await page.locator(".day").count()).toBeGreaterThanOrEqual(2);
  });
});
