import { defineFunction } from "memgpt";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import * as z from "zod";
import { type Visit, inBrowser, makeAgent, visit } from "./support/browser.ts";
import { GatedLlm } from "./support/gated-llm.ts";

type Home = Visit & { readonly sent: readonly string[] };

/** An agent with a function that acts outside its memory, whose model calls it and then says so, as often as it is asked to. */
async function withMail(times = 1): Promise<Home> {
  const sent: string[] = [];
  const mail = defineFunction({
    name: "send_mail",
    description: "Sends a mail.",
    kind: "outside_effect",
    parameters: z.object({ to: z.string().describe("Address.") }),
    run: async ({ to }) => {
      sent.push(to);
      return { output: `Sent to ${to}.` };
    },
  });
  const turn = [
    { call: "send_mail", args: { to: "james@example.org", request_heartbeat: true } },
    { call: "send_message", args: { message: "That is settled." } },
  ];
  const llm = new GatedLlm(Array.from({ length: times }, () => turn).flat());
  const home = await visit({ llm: () => llm, functions: [mail] });
  await makeAgent(home.page);
  await write(home.page, "/add_function send_mail");
  await home.page.getByText(/^Done: \/add_function/).waitFor();
  return { ...home, sent };
}

async function write(page: Page, text: string): Promise<void> {
  await page.locator("#composer").fill(text);
  await page.keyboard.press("Enter");
}

inBrowser("consent", () => {
  test("a function that acts outside memory asks in the conversation, with what it would do, and waits over a reload", async () => {
    const { page, sent } = await withMail();
    await write(page, "Write to James.");
    const question = page.getByRole("group", { name: "Whether send_mail may be called" });
    await question.getByRole("button", { name: "Allow once" }).waitFor();
    expect(await question.innerText()).toContain("james@example.org");
    expect(await page.getByText("It broke off here.").count()).toBe(0);
    await page.reload();
    expect(sent).toEqual([]);

    await question.getByRole("button", { name: "Allow once" }).click();

    await page.locator("article.agent").getByText("That is settled.").waitFor();
    expect(sent).toEqual(["james@example.org"]);
    await question.waitFor({ state: "detached" });
  });

  test("a refusal is respected, and the agent learns of it", async () => {
    const { page, sent } = await withMail();
    await write(page, "Write to James.");

    await page.getByRole("button", { name: "No", exact: true }).click();

    await page.locator("article.agent").getByText("That is settled.").waitFor();
    await page.getByText("send_mail", { exact: true }).click();
    await page.getByText(/the person said no/).waitFor();
    expect(sent).toEqual([]);
  });

  test("always means no further question", async () => {
    const { page, sent } = await withMail(2);
    await write(page, "Write to James.");

    await page.getByRole("button", { name: "Always allow" }).click();

    await page.locator("article.agent").getByText("That is settled.").waitFor();
    await write(page, "And again.");
    await expect.poll(() => page.locator("article.agent").getByText("That is settled.").count()).toBe(2);
    expect(sent).toHaveLength(2);
  });
});
