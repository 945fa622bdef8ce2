import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";
import { GatedLlm } from "./support/gated-llm.ts";
import { testServer } from "../support/server.ts";

const story = {
  call: "send_message",
  args: { message: "Once upon a time there was a fox that remembered." },
  waits: true,
};

// The first answer of a new agent is checked before any of it is shown.
const hello = { call: "send_message", args: { message: "Hello." } };

inBrowser("streaming", () => {
  test("a draft and a reply in the middle of its streaming survive a reload", async () => {
    const llm = new GatedLlm([hello, story]);
    const { page } = await visit({ llm: () => llm });
    await makeAgent(page);
    await say(page, "Hi.");
    await page.locator("#composer").fill("Tell me a story.");
    await page.keyboard.press("Enter");
    const reply = page.locator("article.agent .markdown").last();
    await reply.getByText("Once upon").waitFor();
    await page.locator("#composer").fill("And then");

    await page.reload();

    await reply.getByText("Once upon").waitFor();
    expect(await page.locator("article.person").last().innerText()).toContain("Tell me a story.");
    expect(await page.locator("#composer").inputValue()).toBe("And then");
    llm.open();
    await reply.getByText("a fox that remembered.").waitFor();
    await page.getByRole("button", { name: "Copy the reply" }).nth(1).waitFor();
    expect(await page.locator("article.person").count()).toBe(2);
  });

  test("a message returns to the box if the turn is stopped before anything was stored", async () => {
    const { page } = await visit({ llm: () => new GatedLlm([hello, story]) });
    await makeAgent(page);
    await say(page, "Hi.");
    await page.locator("#composer").fill("Tell me a story.");
    await page.keyboard.press("Enter");
    await page.locator("article.agent").getByText("Once upon").waitFor();

    await page.keyboard.press("Escape");

    await expect.poll(() => page.locator("#composer").inputValue()).toBe("Tell me a story.");
    expect(await page.locator("article.person").count()).toBe(1);
  });

  test("two windows show one turn", async () => {
    const llm = new GatedLlm([hello, story]);
    const { page, another } = await visit({ llm: () => llm });
    await makeAgent(page);
    await say(page, "Hi.");
    const other = await another();
    await other.getByLabel("Message to Ada").waitFor();

    await page.locator("#composer").fill("Tell me a story.");
    await page.keyboard.press("Enter");

    await other.locator("article.agent").getByText("Once upon").waitFor();
    llm.open();
    await other.getByRole("button", { name: "Copy the reply" }).nth(1).waitFor();
    expect(await other.locator("article.person").last().innerText()).toContain("Tell me a story.");
    expect(await other.locator("article.agent .markdown").last().innerText()).toContain("a fox that remembered.");
    expect(await other.locator("#composer").inputValue()).toBe("");
  });

  test("an edit during a turn and the agent's own edit are both kept", async () => {
    const llm = new GatedLlm([
      {
        call: "core_memory_append",
        args: { name: "human", content: "Keeps bees.", request_heartbeat: true },
        waits: true,
      },
      { call: "send_message", args: { message: "Noted." } },
    ]);
    const { page } = await visit({ llm: () => llm });
    await makeAgent(page);
    await page.getByRole("button", { name: "Memory", exact: true }).click();
    await page.getByRole("button", { name: "Edit human" }).click();
    const text = page.getByLabel("Text of human");
    await text.fill(`Her name is Ines.\n${await text.inputValue()}`);
    await page.locator("#composer").fill("I keep bees.");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Stop" }).first().waitFor();

    await page.getByRole("button", { name: "Save" }).click();
    llm.open();

    await page.getByText("Both edits are in the text below.").waitFor();
    expect(await text.inputValue()).toMatch(/^Her name is Ines\.\n[\s\S]*Keeps bees\.$/);
    await page.getByRole("button", { name: "Save" }).click();
    const seen = page.getByLabel("What the model sees in human");
    await expect.poll(() => seen.innerText()).toMatch(/^Her name is Ines\.\n[\s\S]*Keeps bees\.$/);
  });

  test("the page reconnects to a restarted server, and nothing written is lost", async () => {
    const dir = temporaryFolder();
    const { page, server } = await visit({ dir });
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    const port = Number(new URL(server.url).port);

    await server.close(0);
    await page.getByText("The server does not answer. What").waitFor();
    await page.locator("#composer").fill("We broke up.");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#composer").inputValue()).toBe("We broke up.");
    await testServer({ dir, port });

    await expect.poll(() => page.getByText("The server does not answer. What").count(), { timeout: 15_000 }).toBe(0);
    await say(page, "We broke up.");
    expect(await page.locator("article.person").allInnerTexts()).toHaveLength(2);
  });

  test("a key is requested and kept where no script can read it; a wrong one is refused", async () => {
    const dir = temporaryFolder();
    const server = await testServer({ dir });
    const { token } = await server.accounts.createKey({ user: "default" });
    await server.close(0);
    const { page } = await visit({ dir });

    await page.getByLabel("Key").fill("mg-wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("No user has this key.").waitFor();
    await page.getByLabel("Key").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await makeAgent(page);

    await page.reload();
    await page.getByLabel("Message to Ada").waitFor();
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(await page.evaluate("document.cookie + JSON.stringify({ ...localStorage })")).not.toContain(token);
  });

  test("a message of 1 MB is sent and shown, and the page goes on", async () => {
    const { page, complaints } = await visit();
    await makeAgent(page);

    await say(page, "bees and boats ".repeat(70_000));
    await page.getByRole("button", { name: /^Show all 1,05/ }).waitFor();
    await say(page, "My boyfriend is called James.");

    await page.getByRole("group", { name: "Remembered in human" }).last().waitFor();
    expect(complaints).toEqual([]);
  });
});
