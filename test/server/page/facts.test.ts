import { expect, test } from "vitest";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";
import { GatedLlm } from "./support/gated-llm.ts";

inBrowser("facts", () => {
  test("a fact that was taken back says so, and comes back where it was", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await say(page, "My dog is called Rex.");
    await page.getByRole("button", { name: "Memory", exact: true }).click();
    const human = page.getByLabel("What the model sees in human");
    const james = page.getByRole("group", { name: "Remembered in human" }).filter({ hasText: "James" });
    const undo = james.getByRole("button", { name: "Undo" });

    await undo.click();

    await james.getByText("undone", { exact: true }).waitFor();
    expect(await undo.count()).toBe(0);
    expect(await human.innerText()).not.toContain("James");
    expect(await human.innerText()).toContain("Rex");
    await james.getByRole("button", { name: "Redo" }).click();
    await undo.waitFor();
    await expect.poll(() => human.innerText()).toContain("Boyfriend named James");
    expect(await human.innerText()).toContain("Rex");
    expect(await james.getByText("undone", { exact: true }).count()).toBe(0);

    await say(page, "James and I broke up.");
    await james.first().getByText("Changed again since").waitFor();
    expect(await james.first().getByRole("button", { name: "Undo" }).count()).toBe(0);
  });

  test("why and history of a fact are its own, and lead to those of the whole block", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    await say(page, "My dog is called Rex.");
    await say(page, "James and I broke up.");
    const rex = page.getByRole("group", { name: "Remembered in human" }).filter({ hasText: "Rex" });
    const james = page.getByRole("group", { name: "Remembered in human" }).filter({ hasText: "James" }).first();

    await rex.getByRole("button", { name: "Why and history" }).click();
    await james.getByRole("button", { name: "Why and history" }).click();

    const own = { name: "History of this fact" };
    await expect.poll(() => rex.getByRole("list", own).locator("> li").count()).toBe(1);
    expect(await rex.getByRole("list", own).innerText()).not.toContain("James");
    await expect.poll(() => james.getByRole("list", own).locator("> li").count()).toBe(2);
    expect(await james.getByRole("list", own).innerText()).toMatch(/Ex-boyfriend[\s\S]*Boyfriend named James/);
    await rex.getByRole("button", { name: "All of human" }).click();
    await expect.poll(() => rex.getByRole("list", { name: "History of human" }).innerText()).toContain("James");
    await rex.getByRole("button", { name: "Only this fact" }).click();
    await expect.poll(() => rex.getByRole("list", own).innerText()).not.toContain("James");
  });

  test("why a reply was given shows what of core memory was in view then", async () => {
    const llm = new GatedLlm([
      { call: "core_memory_append", args: { name: "human", content: "Dog named Pixel.", request_heartbeat: true } },
      { call: "send_message", args: { message: "Noted." } },
      { call: "send_message", args: { message: "Your dog is called Pixel." } },
    ]);
    const { page } = await visit({ llm: () => llm });
    await makeAgent(page);
    await say(page, "My dog is called Pixel.");
    await say(page, "What is my dog called?");
    const row = page.getByRole("group", { name: "Remembered in human" });
    await row.getByRole("button", { name: "Undo" }).click();
    await row.getByText("undone", { exact: true }).waitFor();

    await page.getByRole("button", { name: "Why this reply?" }).click();

    const facts = page.getByRole("list", { name: "From core memory" });
    await expect.poll(() => facts.innerText()).toContain("Dog named Pixel.");
    await facts.getByRole("button", { name: "Correct it" }).first().click();
    await page.getByLabel("Text of human").waitFor();
  });

  test("a passage that was taken back stays where it was remembered, and says so", async () => {
    const llm = new GatedLlm([
      { call: "archival_memory_insert", args: { content: "Herons nest in oaks.", request_heartbeat: true } },
      { call: "send_message", args: { message: "I wrote it down." } },
    ]);
    const { page } = await visit({ llm: () => llm });
    await makeAgent(page);
    await say(page, "Herons nest in oaks.");
    const row = page.getByRole("group", { name: "Remembered in archival memory" });

    await row.getByRole("button", { name: "Undo" }).click();

    await row.getByText("undone", { exact: true }).waitFor();
    expect(await row.innerText()).toContain("Herons nest in oaks.");
    expect(await row.getByRole("button", { name: "Undo" }).count()).toBe(0);
    await page.getByRole("button", { name: "Undo the last turn or command, memory included" }).click();
    await row.getByRole("button", { name: "Undo" }).waitFor();
  });
});
