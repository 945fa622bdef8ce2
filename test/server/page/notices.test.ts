import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

async function boxOf(locator: Locator): Promise<Box> {
  return (await locator.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** What a person may be reading or writing while a notice is shown. */
async function covered(page: Page, notice: Locator, others: readonly string[]): Promise<string[]> {
  const box = await boxOf(notice);
  expect(box.height).toBeGreaterThan(0);
  const found: string[] = [];
  for (const selector of others) if (overlap(box, await boxOf(page.locator(selector)))) found.push(selector);
  return found;
}

inBrowser("notices", () => {
  test.each([
    ["1,280 pixels", { width: 1280, height: 800 }],
    ["360 pixels", { width: 360, height: 640 }],
  ] as const)("cover neither the conversation nor the message box at %s", async (_, size) => {
    const { page } = await visit();
    await makeAgent(page);
    await page.setViewportSize(size);
    for (const name of ["Rex", "Leo", "Mia", "Tom"]) await say(page, `My dog is called ${name}.`);
    const undo = page.getByRole("button", { name: "Undo the last turn or command, memory included" });
    const notice = page.locator(".toast").last();

    await undo.click();

    await notice.getByText(/^Undone/).waitFor();
    expect(await covered(page, notice, [".scroll", ".composer", ".chat-head"])).toEqual([]);
    // The last message is still in view.
    const end =
      "(() => { const s = document.querySelector('.scroll'); return s.scrollHeight - s.scrollTop - s.clientHeight; })()";
    await expect.poll(() => page.evaluate<number>(end)).toBeLessThan(2);

    await page.getByRole("button", { name: "Time", exact: true }).first().click();
    await page.getByRole("button", { name: "Keep this point" }).click();
    const kept = page.locator(".toast").getByText("This point is kept forever.");
    await kept.waitFor();
    expect(await covered(page, kept, [".panel-body", ".panel-head"])).toEqual([]);
    const [x, y] = await boxOf(kept).then((box) => [box.x + box.width / 2, box.y + box.height / 2]);
    expect(await page.evaluate(`document.elementFromPoint(${x}, ${y})?.closest(".toast") !== null`)).toBe(true);
  });

  test("that are long are shown whole, and go when they are dismissed", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await page.setViewportSize({ width: 360, height: 640 });
    await page.getByLabel("Message to Ada").fill("/unod");
    await page.keyboard.press("Enter");
    const notice = page.locator(".toast");
    await notice.getByText(/^There is no command unod/).waitFor();

    expect(await covered(page, notice, [".scroll", ".composer"])).toEqual([]);
    expect((await boxOf(notice)).y).toBeGreaterThan(0);
    await notice.getByRole("button", { name: "Dismiss" }).click();
    await notice.waitFor({ state: "detached" });
  });

  test("go as soon as they no longer hold: something else is done, said or shown, or what failed works again", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My dog is called Rex.");
    const notices = page.locator(".toast");
    const undo = page.getByRole("button", { name: "Undo the last turn or command, memory included" });

    await undo.click();
    await notices.getByText(/^Undone/).waitFor();
    await page.getByTitle("Redo", { exact: true }).click();
    await notices.getByText(/^Redone/).waitFor();
    expect(await notices.allInnerTexts()).toEqual([expect.stringMatching(/^Redone/)]);

    await say(page, "My cat is called Tom.");
    expect(await notices.count()).toBe(0);

    await page.route("**/undo", (route) => route.abort("connectionreset"));
    await undo.click();
    await notices.getByText(/^The server does not answer/).waitFor();
    await page.unroute("**/undo");
    await undo.click();
    await notices.getByText(/^Undone/).waitFor();
    expect(await notices.count()).toBe(1);

    await makeAgent(page, "Grace");
    expect(await notices.count()).toBe(0);
  });

  test("of what could not be read go when it is read, and say what was wrong with a date beside it", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My dog is called Rex.");
    const notices = page.locator(".toast");
    await page.route("**/window", (route) => route.abort("connectionreset"));
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command" }).fill("show the context");
    await page.keyboard.press("Enter");
    await notices.getByText(/^The server does not answer/).waitFor();
    await page.unroute("**/window");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Tokens by section").waitFor();
    expect(await notices.count()).toBe(0);

    await page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("Rex");
    await page.getByText("Narrow it").click();
    await page.getByLabel("From").fill("the day of reckoning");
    await page.getByRole("search").getByRole("alert").waitFor();
    expect(await notices.count()).toBe(0);
    await page.getByLabel("From").fill("today");
    await page.getByRole("region", { name: "Results" }).getByRole("article").first().waitFor();
    expect(await page.getByRole("search").getByRole("alert").count()).toBe(0);
  });
});
