import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { testServer } from "../support/server.ts";
import { inBrowser, makeAgent, visit } from "./support/browser.ts";

inBrowser("a key", () => {
  test("that was revoked is asked for again at once, and what was written is kept", async () => {
    const dir = temporaryFolder();
    const before = await testServer({ dir });
    const { key, token } = await before.accounts.createKey({ user: "default", admin: true });
    const other = await before.accounts.createKey({ user: "default", admin: true });
    await before.close(0);
    const { page, server } = await visit({ dir });
    await page.getByLabel("Key").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await makeAgent(page);
    await page.locator("#composer").fill("We broke up.");

    await server.accounts.revokeKey(key.id);
    await page.keyboard.press("Enter");

    await page.getByLabel("Key").fill(other.token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect.poll(() => page.getByLabel("Message to Ada").inputValue()).toBe("We broke up.");
  });

  test("does not come back after signing out, whatever happens on the server meanwhile", async () => {
    const dir = temporaryFolder();
    const before = await testServer({ dir });
    const { token } = await before.accounts.createKey({ user: "default", admin: true });
    await before.close(0);
    const { page, server, another } = await visit({ dir });
    await page.getByLabel("Key").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await makeAgent(page);

    await page.keyboard.press("Control+k");
    await page.keyboard.type("sign out");
    await page.keyboard.press("Enter");
    await page.getByLabel("Key").waitFor();
    const made = await fetch(`${server.url}/v1/agents`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "Grace" }),
    });
    expect(made.ok).toBe(true);
    const other = await another();
    await other.getByLabel("Key").waitFor();

    expect(await page.getByLabel("Key").isVisible()).toBe(true);
    expect(await page.getByText("Grace").count()).toBe(0);
  });
});
