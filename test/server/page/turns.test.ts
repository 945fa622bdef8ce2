import { expect, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";
import { GatedLlm } from "./support/gated-llm.ts";

inBrowser("turns", () => {
  test("editing a message reverts its consequences, memory included", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await page.getByRole("button", { name: "Memory", exact: true }).click();
    const human = page.getByLabel("What the model sees in human");
    await expect.poll(() => human.innerText()).toContain("James");

    await page.getByRole("button", { name: "Edit the message" }).click();
    const box = page.getByLabel("The message, written again");
    await box.fill("My boyfriend is called");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("John.");
    expect(await box.inputValue()).toBe("My boyfriend is called\nJohn.");
    await page.keyboard.press("Enter");

    await expect.poll(() => human.innerText()).toContain("John");
    expect(await human.innerText()).not.toContain("James");
    await page.getByRole("button", { name: "Copy the reply" }).waitFor();
    expect(await page.locator("article.person").allInnerTexts()).toHaveLength(1);
    expect(await page.locator("article.person").innerText()).toContain("John");
  });

  test("a reply is regenerated in its place", async () => {
    const replies = ["First.", "Second."].map((message) => ({ call: "send_message", args: { message } }));
    const { page } = await visit({ llm: () => llm });
    const llm = new GatedLlm(replies);
    await makeAgent(page);
    await say(page, "Hi.");

    await page.getByRole("button", { name: "Answer again" }).click();

    await page.locator("article.agent").getByText("Second.").waitFor();
    expect(await page.getByText("First.").count()).toBe(0);
    expect(await page.locator("article.person").count()).toBe(1);
  });

  test("a turn that was stopped between two steps keeps the first and goes on from there", async () => {
    const llm = new GatedLlm([
      { call: "core_memory_append", args: { name: "human", content: "Keeps bees.", request_heartbeat: true } },
      { call: "send_message", args: { message: "You keep bees, and that I know now." }, waits: true },
      { call: "send_message", args: { message: "Where was I? You keep bees." } },
    ]);
    const { page } = await visit({ llm: () => llm });
    await makeAgent(page);
    await page.locator("#composer").fill("I keep bees.");
    await page.keyboard.press("Enter");
    await page.locator("article.agent").getByText("You keep").waitFor();

    await page.keyboard.press("Escape");

    await page.getByText("It broke off here.").waitFor();
    await page.getByRole("group", { name: "Remembered in human" }).waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.locator("article.agent").getByText("Where was I?").waitFor();
    expect(await page.locator("article.person").count()).toBe(1);
    expect(await page.getByText("It broke off here.").count()).toBe(0);
  });

  test("a turn in which the agent saved something after its reply is finished, and its reply can be asked about", async () => {
    const llm = new GatedLlm([
      { call: "send_message", args: { message: "Bees! I keep that in mind.", request_heartbeat: true } },
      { call: "core_memory_append", args: { name: "human", content: "Keeps bees." } },
    ]);
    const { page } = await visit({ llm: () => llm });
    await makeAgent(page);
    await say(page, "I keep bees.");

    await page.getByRole("group", { name: "Remembered in human" }).waitFor();
    await page.getByRole("button", { name: "Why this reply?" }).waitFor();

    expect(await page.getByText("It broke off here.").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Answer again" }).count()).toBe(1);
  });

  test("the timeline shows memory then, goes there with memory and searches, and redo comes back", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await say(page, "My dog is called Rex.");
    await page.getByRole("button", { name: "Memory", exact: true }).click();
    const human = page.getByLabel("What the model sees in human");
    await expect.poll(() => human.innerText()).toContain("Rex");
    const panels = page.getByRole("navigation", { name: "Panels" });
    await panels.getByRole("button", { name: "Time" }).click();
    const timeline = page.getByRole("list", { name: /^Timeline/ });
    const point = timeline.getByRole("button", { name: /boyfriend is called James/ });
    const here = timeline.getByRole("listitem").filter({ hasText: "You are here." });
    await expect.poll(() => here.allInnerTexts()).toEqual([expect.stringContaining("My dog is called Rex.")]);
    expect(await timeline.getByRole("button", { name: "the beginning" }).count()).toBe(1);
    expect(await timeline.getByRole("listitem").first().innerText()).toBe("Today");

    const tops = async (): Promise<number[]> =>
      Promise.all((await timeline.getByRole("listitem").all()).map(async (row) => (await row.boundingBox())?.y ?? 0));
    const before = await tops();

    await point.hover();

    const preview = page.locator(".preview");
    await preview.waitFor();
    expect(await tops()).toEqual(before);
    await expect.poll(() => preview.locator("del").allInnerTexts()).not.toEqual([]);
    expect((await preview.locator("del").allInnerTexts()).join(" ")).toContain("Rex");
    await page.getByRole("button", { name: "Go there" }).click();

    const messages = page.getByRole("log", { name: "Messages" });
    await expect.poll(() => messages.innerText()).not.toContain("Rex");
    expect(await messages.innerText()).toContain("James");
    await panels.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("Rex");
    await page.getByText("Nothing is like that.").waitFor();
    await panels.getByRole("button", { name: "Memory" }).click();
    expect(await human.innerText()).not.toContain("Rex");

    await page.getByRole("button", { name: "Undo the last turn or command, memory included" }).click();
    await expect.poll(() => human.innerText()).toContain("Rex");
    await page.getByRole("button", { name: "Redo" }).click();
    await expect.poll(() => human.innerText()).not.toContain("Rex");
    await page.getByRole("button", { name: "Undo the last turn or command, memory included" }).click();
    await expect.poll(() => messages.innerText()).toContain("My dog is called Rex.");
  });

  test("a moment that was pressed at the end of a long timeline is not covered by its own preview", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await page.setViewportSize({ width: 1280, height: 560 });
    const names = ["Rex", "Leo", "Mia", "Tom", "Ada", "Ben", "Eva", "Ian", "Kim", "Max"];
    for (const name of names) await say(page, `My friend is called ${name}.`);
    await page.getByRole("button", { name: "Time", exact: true }).first().click();
    const first = page.getByRole("list", { name: /^Timeline/ }).getByRole("button", { name: "the beginning" });
    await first.scrollIntoViewIfNeeded();

    await first.click();

    await page.locator(".preview del").first().waitFor();
    const go = page.getByRole("button", { name: "Go there" });
    const isFree = `(() => {
      const { x, y, width, height } = document.querySelector(".point.chosen .primary").getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2)?.closest(".point.chosen") !== null;
    })()`;
    await expect.poll(() => page.evaluate(isFree)).toBe(true);
    await go.click();
    await expect.poll(() => page.getByRole("article").count()).toBe(0);
  });

  test("the timeline marks the present even if the server's answers arrive out of order", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await page.getByRole("button", { name: "Time", exact: true }).first().click();
    const here = page
      .getByRole("list", { name: /^Timeline/ })
      .getByRole("listitem")
      .filter({ hasText: "You are here." });
    await here.waitFor();
    // What was read after the first message comes after what was read after the second.
    const late: (() => Promise<void>)[] = [];
    let asked = 0;
    await page.route("**/checkpoints", async (route) => {
      asked += 1;
      if (asked > 1) return route.continue();
      const response = await route.fetch();
      late.push(() => route.fulfill({ response }));
      return undefined;
    });
    await say(page, "My boyfriend is called James.");
    await expect.poll(() => late.length).toBe(1);
    await say(page, "My dog is called Rex.");
    await expect.poll(() => here.allInnerTexts()).toEqual([expect.stringContaining("Rex")]);

    const [answered] = await Promise.all([page.waitForResponse("**/checkpoints"), late[0]?.()]);
    await answered.finished();
    await page.evaluate("new Promise(requestAnimationFrame)");

    expect(await here.allInnerTexts()).toEqual([expect.stringContaining("Rex")]);
  });

  test("an agent is copied from a point of the timeline, and the original is unchanged", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await say(page, "My dog is called Rex.");
    await page.getByRole("button", { name: "Time", exact: true }).first().click();
    await page
      .getByRole("list", { name: /^Timeline/ })
      .getByRole("button", { name: /boyfriend is called James/ })
      .click();

    await page.getByRole("button", { name: "Copy from here" }).click();

    await page.getByLabel("Message to Ada then").waitFor();
    const messages = page.getByRole("log", { name: "Messages" });
    await expect.poll(() => messages.innerText()).toContain("James");
    expect(await messages.innerText()).not.toContain("Rex");
    const timeline = page.getByRole("list", { name: /^Timeline/ });
    await timeline.getByRole("button", { name: /^copied from/ }).waitFor();
    expect(await timeline.innerText()).not.toContain("Rex");
    await page.getByRole("button", { name: "Ada", exact: true }).click();
    await expect.poll(() => messages.innerText()).toContain("Rex");
  });
});
