import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunningServer, ServeOptions } from "memgpt/server";
import { type Browser, type BrowserContext, type Page, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, onTestFinished } from "vitest";
import { testServer } from "../../support/server.ts";

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const program = process.env["MEMGPT_TEST_CHROMIUM"] ?? PROGRAMS.find((file) => existsSync(file));
/** Pictures of what was on the screen when a test failed. */
const PICTURES = fileURLToPath(new URL("../../../../coverage/pages/", import.meta.url));

/** Ten times what the slowest take, for a test and for each step of one: a busy machine is no failure. In milliseconds. */
const TEST_TIMEOUT = 240_000;
const STEP_TIMEOUT = 60_000;

let browser: Browser | undefined;

/** Tests in a browser, one for the file; skipped where there is no Chromium. */
export function inBrowser(name: string, tests: () => void): void {
  const skipped = program === undefined;
  const title = skipped ? `${name} (no Chromium found: set MEMGPT_TEST_CHROMIUM to its path)` : name;
  describe.skipIf(skipped)(title, { timeout: TEST_TIMEOUT }, () => {
    beforeAll(async () => {
      const args = ["--no-sandbox", "--disable-dev-shm-usage"];
      browser = await chromium.launch({ executablePath: program ?? "", args, headless: true });
    });
    afterAll(() => browser?.close());
    tests();
  });
}

export type Visit = {
  readonly page: Page;
  readonly server: RunningServer;
  /** Every address that the page asked for, and what the browser complained of. */
  readonly asked: string[];
  readonly complaints: string[];
  /** Another window on the same server. */
  readonly another: () => Promise<Page>;
};

/** The page of a server of its own, with the practice model unless `options` bring another. */
export async function visit(options: ServeOptions & { readonly hash?: string } = {}): Promise<Visit> {
  const { hash = "", ...serving } = options;
  const server = await testServer(serving);
  return { ...(await visitAt(server, hash)), server };
}

async function visitAt({ url }: Pick<RunningServer, "url">, hash = ""): Promise<Omit<Visit, "server">> {
  if (browser === undefined) throw new Error("visit() is for tests within inBrowser()");
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const asked: string[] = [];
  const complaints: string[] = [];
  const open = async (): Promise<Page> => {
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_TIMEOUT);
    page.on("request", (request) => asked.push(request.url()));
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto(`${url}/${hash}`);
    return page;
  };
  const page = await open();
  // What is to be done after a failure is done after this, when the pages are closed.
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") await takePictures(context, task.name);
    await context.close();
  });
  return { page, asked, complaints, another: open };
}

async function takePictures(context: BrowserContext, test: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  for (const [index, shown] of context.pages().entries()) {
    const file = `${test.replace(/\W+/g, "-").slice(0, 80)}-${index + 1}.png`;
    await shown.screenshot({ path: join(PICTURES, file) }).catch(() => undefined);
  }
}

/** Makes an agent as a person does. */
export async function makeAgent(page: Page, name = "Ada"): Promise<void> {
  await page.getByRole("button", { name: "New agent" }).click();
  await page.getByLabel("Name of the new agent").fill(name);
  await page.keyboard.press("Enter");
  await page.getByLabel(`Message to ${name}`).waitFor();
  await page.getByLabel("Name of the new agent").waitFor({ state: "detached" });
}

/** Sends a message and waits until the turn is over. */
export async function say(page: Page, text: string): Promise<void> {
  const replies = page.getByRole("button", { name: "Copy the reply" });
  const before = await replies.count();
  await page.locator("#composer").fill(text);
  await page.keyboard.press("Enter");
  await replies.nth(before).waitFor();
}
