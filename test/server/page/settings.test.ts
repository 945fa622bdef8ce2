import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { modelServer, streamed } from "../../support/model-server.ts";
import { testServer } from "../support/server.ts";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

const memoryServer = fileURLToPath(
  new URL("../../../node_modules/@modelcontextprotocol/server-memory/dist/index.js", import.meta.url),
);

/** Opens one part of the settings. */
async function openSection(page: Page, title: string): Promise<Locator> {
  if ((await page.getByRole("complementary", { name: "Settings" }).count()) === 0) {
    await page.getByRole("button", { name: "Settings" }).first().click();
  }
  const section = page.locator("details.section").filter({ has: page.getByText(title, { exact: true }) });
  await section.getByText(title, { exact: true }).click();
  return section;
}

const call = {
  tool_calls: [{ index: 0, id: "call_1", function: { name: "answer", arguments: '{"word":"lighthouse"}' } }],
};

inBrowser("settings", () => {
  test("a model is chosen, tried and applied, and one undo reverts it", async () => {
    const server = await modelServer([streamed([{ content: "light" }, { content: "house" }]), streamed([call])]);
    const { page } = await visit();
    await makeAgent(page);
    const section = await openSection(page, "Model");
    await section.getByLabel("Model", { exact: true }).fill("llama");
    await section.getByLabel(/^Address of its server/).fill(server.endpoint);
    await section.getByLabel(/^Key/).fill("sk-of-the-page-1234");

    await section.getByRole("button", { name: "Try it" }).click();

    const checks = section.getByRole("status", { name: "What came of it" });
    await expect.poll(() => checks.innerText()).toContain("answered in");
    expect(server.seen[0]?.headers.authorization).toBe("Bearer sk-of-the-page-1234");
    expect(server.seen[0]?.body).toMatchObject({ model: "llama" });

    await section.getByRole("button", { name: "Use it" }).click();
    await section.getByText(/It thinks with llama/).waitFor();
    await page.getByRole("button", { name: "Undo the last turn or command, memory included" }).click();
    await section.getByText(/It thinks with practice/).waitFor();
  });

  test("a model that does not answer is reported with what to do, and nothing changes", async () => {
    const { page } = await visit();
    await makeAgent(page);
    const section = await openSection(page, "Model");
    await section.getByLabel("Model", { exact: true }).fill("llama");
    await section.getByLabel(/^Address of its server/).fill("http://127.0.0.1:9/v1");

    await section.getByRole("button", { name: "Try it" }).click();

    const checks = section.getByRole("status", { name: "What came of it" });
    await expect.poll(() => checks.innerText()).toMatch(/endpoint: .*127\.0\.0\.1:9/);
    expect(await section.innerText()).toContain("It thinks with practice");
  });

  test("an embedding is tried, and all of memory is re-embedded with it", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    const section = await openSection(page, "Search by meaning");

    await section.getByRole("button", { name: "Try it" }).click();
    await section.getByText(/^It works: hash\S*, \d+ dimensions/).waitFor();
    await section.getByRole("button", { name: "Use it" }).click();
    await page.getByText(/passages? (is|are) embedded/).waitFor();
    await say(page, "What is my boyfriend called?");
  });

  test("functions are added and removed, and their consent is set for good", async () => {
    const { page } = await visit();
    await makeAgent(page);
    const section = await openSection(page, "Functions");
    await section.getByLabel("Function to give it").selectOption("http_request");

    await section.getByRole("button", { name: "Give" }).click();

    const consent = section.getByLabel("Whether http_request may be called");
    expect(await consent.inputValue()).toBe("ask");
    await consent.selectOption("never");
    await page.reload();
    const again = await openSection(page, "Functions");
    await expect.poll(() => again.getByLabel("Whether http_request may be called").inputValue()).toBe("never");
    await again.getByRole("button", { name: "Take http_request away" }).click();
    await again.getByLabel("Whether http_request may be called").waitFor({ state: "detached" });
  });

  test("an MCP server and its tools are added, and each tool asks first", async () => {
    const { page } = await visit();
    await makeAgent(page);
    const section = await openSection(page, "MCP servers");
    await section.getByLabel("Name of a new server").fill("graph");
    await section.getByLabel(/^Its URL, or the command/).fill(`${process.execPath} ${memoryServer}`);

    await section.getByRole("button", { name: "Add" }).click();

    await section.getByRole("button", { name: "Give the agent its tools" }).click();
    const functions = await openSection(page, "Functions");
    await expect.poll(() => functions.getByLabel("Whether read_graph may be called").inputValue()).toBe("ask");
    await section.getByRole("button", { name: "Test" }).click();
    await page.getByText(/^graph answers with \d+ tools. They are as they were added/).waitFor();
    await section.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await section.getByText("No server was added yet").waitFor();
  });

  test("an agent is exported, deleted, and restored by an import", async () => {
    const { page } = await visit();
    await makeAgent(page);
    await say(page, "My boyfriend is called James.");
    const section = await openSection(page, "Export");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      section.getByRole("button", { name: "Everything, as JSON" }).click(),
    ]);
    const file = join(temporaryFolder(), download.suggestedFilename());
    await download.saveAs(file);
    expect(readFileSync(file, "utf8")).toContain("Boyfriend named James");
    await page.getByRole("button", { name: "More for Ada" }).click();
    await page.getByRole("button", { name: "Delete Ada" }).click();
    await page.getByRole("dialog", { name: "Delete Ada?" }).getByRole("button", { name: "Delete" }).click();
    await page.getByText("Nobody is here yet").waitFor();

    const bringing = await openSection(page, "Import");
    await bringing.getByLabel(/^File/).setInputFiles(file);
    await bringing.getByText(/Ada: \d+ blocks/).waitFor();
    expect(await page.getByText("Nobody is here yet").count()).toBe(1);
    await bringing.getByRole("button", { name: "Make an agent" }).click();

    await page.getByLabel("Message to Ada").waitFor();
    await page.locator("article.person").getByText("My boyfriend is called James.").waitFor();
    await say(page, "What is my boyfriend called?");
    expect(await page.locator("article.agent").last().innerText()).toContain("James");
  });

  test("a file that is not an export is refused by name, and nothing is created", async () => {
    const { page } = await visit();
    const section = await openSection(page, "Import");
    await section
      .getByLabel(/^File/)
      .setInputFiles({ name: "song.txt", mimeType: "text/plain", buffer: Buffer.from("la la") });

    await page.getByText(/^song\.txt is not an export that memgpt knows/).waitFor();
    expect(await page.getByText("Nobody is here yet").count()).toBe(1);
  });

  test("the first key is its creator's; users get their own, and a revoked one no longer works", async () => {
    const { page, server } = await visit();
    const section = await openSection(page, "Users and keys");
    await section.getByRole("button", { name: "Make my key" }).click();
    const token = section.getByRole("group", { name: "Code" });
    await expect.poll(() => token.innerText()).toMatch(/^mg-/);
    await section.getByRole("button", { name: "I have kept it" }).click();

    await section.getByLabel("Name of a new user").fill("ana");
    await section.getByRole("button", { name: "Add" }).click();
    await section.getByRole("button", { name: "Make a key for ana" }).click();
    await expect.poll(() => token.innerText()).toMatch(/^mg-/);
    const key = (await token.innerText()).trim();
    const status = async (): Promise<number> =>
      (await fetch(`${server.url}/v1/session`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await status()).toBe(200);

    const ana = section.getByRole("region", { name: "User ana" });
    await ana.getByRole("button", { name: /^Revoke/ }).click();
    await ana.getByRole("button", { name: /^Revoke/ }).waitFor({ state: "detached" });
    expect(await status()).toBe(401);
  });

  test("a user who is not an admin chooses among what the server has, and sees no other users", async () => {
    const dir = temporaryFolder();
    const server = await testServer({ dir });
    await server.accounts.addUser("ana");
    const { token } = await server.accounts.createKey({ user: "ana" });
    await server.close(0);
    const { page } = await visit({ dir });
    await page.getByLabel("Key").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await makeAgent(page);

    const section = await openSection(page, "Model");
    await section.getByLabel("Model", { exact: true }).fill("llama");
    expect(await section.getByLabel(/^Address of its server/).count()).toBe(0);
    expect(await page.getByText("Users and keys").count()).toBe(0);
    const refused = await page.evaluate<number>(`(async () => {
      const [agent] = await (await fetch("/v1/roster")).json();
      const body = JSON.stringify({ model: "llama", endpoint: "http://10.0.0.1/v1", contextWindow: 8192 });
      const options = { method: "POST", headers: { "content-type": "application/json" }, body };
      return (await fetch("/v1/agents/" + agent.id + "/model/try", options)).status;
    })()`);
    expect(refused).toBe(403);
  });

  test("the theme is chosen, and is the same after a reload", async () => {
    const { page } = await visit();
    const section = await openSection(page, "Appearance");
    await section.getByRole("button", { name: "Dark" }).click();
    const paper = "getComputedStyle(document.documentElement).backgroundColor";
    const dark = await page.evaluate(paper);

    await page.reload();
    await page.getByRole("button", { name: "New agent" }).waitFor();

    expect(await page.evaluate(paper)).toBe(dark);
    expect(dark).not.toBe("rgb(251, 251, 249)");
  });
});
