/**
 * Takes pictures of the page with Debian's Chromium, after `npm run build`: the four of the README into docs/pictures, or with a
 * folder and widths as its arguments, every view in both themes at those widths into that folder, to look at.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "memgpt/server";
import { type Browser, type Page, chromium } from "playwright-core";

type View = { readonly name: string; readonly show: (page: Page) => Promise<void> };

const DAY_MS = 86_400_000;
/** How long ago it is for the agent. */
let ago = DAY_MS;

const SAID_YESTERDAY = [
  "Hi! I am Mara. I live in Setúbal with my boyfriend James.",
  "I am building a wooden boat called Aurora. Its keel is oak.",
];
const SAID_TODAY = [
  "James and I broke up.",
  "Our dog Pixel is afraid of thunder.",
  "What is the keel of my boat made of?",
];

const panel =
  (command: string) =>
  async (page: Page): Promise<void> => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command" }).fill(command);
    await page.keyboard.press("Enter");
  };

async function search(page: Page): Promise<void> {
  await panel("search what")(page);
  await page.getByRole("searchbox").fill("boat keel");
  await page.getByRole("region", { name: "Results" }).getByRole("article").first().waitFor();
}

async function time(page: Page): Promise<void> {
  await panel("go back in time")(page);
  await page
    .getByRole("list", { name: /^Timeline/ })
    .getByRole("button")
    .nth(3)
    .click();
  await page.locator(".preview").waitFor();
}

async function why(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Close the panel" }).click();
  await page.getByRole("button", { name: "Why this reply?" }).click();
  await page.getByText("It wrote down").waitFor();
}

async function editing(page: Page): Promise<void> {
  await panel("show memory")(page);
  await page.getByRole("button", { name: "Edit human" }).click();
  await page.getByRole("button", { name: "History of persona" }).click();
}

async function settings(page: Page): Promise<void> {
  await panel("settings")(page);
  await page.evaluate("for (const section of document.querySelectorAll('details.section')) section.open = true");
  await page.getByRole("list", { name: "Functions it has" }).waitFor();
}

async function command(page: Page): Promise<void> {
  await page.locator("#composer").fill("/undo");
}

/** The four of the README. */
const OF_README: readonly View[] = [
  { name: "page-memory", show: panel("show memory") },
  { name: "page-search", show: search },
  { name: "page-time", show: time },
  { name: "page-context", show: panel("show the context") },
];

const VIEWS: readonly View[] = [
  ...OF_README,
  { name: "editing", show: editing },
  { name: "sources", show: panel("load files") },
  { name: "settings", show: settings },
  { name: "why", show: why },
  { name: "command", show: command },
  {
    name: "palette",
    show: async (page) => {
      await page.keyboard.press("Control+k");
    },
  },
];

const [folder, ...widths] = process.argv.slice(2);
await main(folder, widths.length === 0 ? [360, 1280, 2560] : widths.map(Number));

async function main(folder: string | undefined, widths: readonly number[]): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "memgpt-pictures-"));
  const server = await serve({ dir, env: {}, port: 0, now: () => new Date(Date.now() - ago).toISOString() });
  const executablePath = process.env["MEMGPT_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  try {
    const first = await open(browser, server.url, 1280, "light");
    if (folder !== undefined) await shoot(first, folder, "nobody-1280-light");
    await talk(first);
    await first.close();
    if (folder === undefined) {
      const page = await open(browser, server.url, 1280, "light");
      for (const view of OF_README)
        await shown(page, view, fileURLToPath(new URL("../docs/pictures", import.meta.url)));
      return;
    }
    for (const theme of ["light", "dark"] as const) {
      for (const width of widths) {
        const page = await open(browser, server.url, width, theme);
        await page.locator("article").last().waitFor();
        await shoot(page, folder, `chat-${width}-${theme}`);
        for (const view of VIEWS) await shown(page, view, folder, `-${width}-${theme}`);
        await page.close();
      }
    }
  } finally {
    await browser.close();
    await server.close(0);
    rmSync(dir, { recursive: true, force: true });
  }
}

async function open(browser: Browser, url: string, width: number, colorScheme: "light" | "dark"): Promise<Page> {
  const height = width < 1000 ? 740 : width > 2000 ? 1440 : 800;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
  page.setDefaultTimeout(30_000);
  await page.goto(url);
  await page.getByRole("main").waitFor();
  return page;
}

/** A conversation with the practice model. */
async function talk(page: Page): Promise<void> {
  await page.getByRole("button", { name: "New agent" }).click();
  await page.getByLabel("Name of the new agent").fill("Ada");
  await page.keyboard.press("Enter");
  for (const [index, text] of [...SAID_YESTERDAY, ...SAID_TODAY].entries()) {
    ago = index < SAID_YESTERDAY.length ? DAY_MS : 0;
    await page.getByLabel("Message to Ada").fill(text);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Copy the reply" }).nth(index).waitFor();
  }
}

async function shown(page: Page, { name, show }: View, folder: string, suffix = ""): Promise<void> {
  await show(page);
  await page.getByText("Reading…").first().waitFor({ state: "hidden" });
  await shoot(page, folder, `${name}${suffix}`);
}

async function shoot(page: Page, folder: string, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
