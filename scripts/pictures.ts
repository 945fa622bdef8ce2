/**
 * Takes screenshots of the page with Debian's Chromium, after `npm run build`: by default the README's four, into docs/pictures;
 * with a folder and widths as arguments, every view in both themes at those widths, into that folder.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "memgpt/server";
import { type Browser, type Page, chromium } from "playwright-core";
import { makeCrowdedHome } from "./crowded-home.ts";

type View = { readonly name: string; readonly show: (page: Page) => Promise<void> };

const DAY_MS = 86_400_000;
/** How long ago the conversation takes place. */
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

async function palette(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).waitFor();
}

async function passages(page: Page): Promise<void> {
  await panel("search what")(page);
  await page.getByRole("button", { name: "What it wrote down" }).click();
  await page.getByRole("region", { name: "Passages" }).getByRole("article").first().waitFor();
}

async function nothingFound(page: Page): Promise<void> {
  await page.getByRole("searchbox").fill("zzyzx");
  await page.getByText("Nothing is like that.").waitFor();
}

async function users(page: Page): Promise<void> {
  await panel("settings")(page);
  await page.getByText("Users and keys", { exact: true }).click();
  await page
    .getByRole("list", { name: /^Keys of/ })
    .first()
    .waitFor();
}

async function forget(page: Page): Promise<void> {
  await panel("forget something")(page);
  await page.getByLabel("Words, in any case of letters").fill("heron");
  await page.getByRole("button", { name: "Show what would go" }).click();
  await page.getByText("What goes:").waitFor();
}

async function agents(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Close the panel" }).click();
  const menu = page.getByRole("button", { name: "Agents", exact: true });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole("button", { name: "More for Crowded" }).click();
}

async function deleting(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Delete Crowded" }).click();
}

async function naming(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "New agent" }).click();
  await page.getByLabel("Name of the new agent").fill("Grace");
  await page.route("**/v1/agents", (route) => route.abort("connectionreset"));
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await page.unroute("**/v1/agents");
}

async function refused(page: Page): Promise<void> {
  // The box for the name, and then the list of agents.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.locator("#composer").fill("/unod");
  await page.keyboard.press("Enter");
  await page.getByText(/^There is no command unod/).waitFor();
}

async function command(page: Page): Promise<void> {
  await page.locator("#composer").fill("/undo");
}

/** The README's four. */
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
  { name: "palette", show: palette },
];

/** Screenshots of the crowded home. */
const CROWDED: readonly View[] = [
  { name: "crowded-memory", show: panel("show memory") },
  { name: "crowded-time", show: panel("go back in time") },
  { name: "crowded-sources", show: panel("load files") },
  { name: "crowded-passages", show: passages },
  { name: "crowded-nothing-found", show: nothingFound },
  { name: "crowded-users", show: users },
  { name: "crowded-forget", show: forget },
  { name: "crowded-agents", show: agents },
  { name: "crowded-delete", show: deleting },
  { name: "crowded-naming", show: naming },
  { name: "crowded-refused", show: refused },
];

const [folder, ...widths] = process.argv.slice(2);
await main(folder, widths.length === 0 ? [360, 1280, 2560] : widths.map(Number));

async function main(folder: string | undefined, widths: readonly number[]): Promise<void> {
  const executablePath = process.env["MEMGPT_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  try {
    await inHome((dir) => ofPractice(browser, dir, folder, widths));
    if (folder !== undefined) await inHome((dir) => ofCrowd(browser, dir, folder, widths));
  } finally {
    await browser.close();
  }
}

async function inHome(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "memgpt-pictures-"));
  try {
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function ofPractice(
  browser: Browser,
  dir: string,
  folder: string | undefined,
  widths: readonly number[],
): Promise<void> {
  const server = await serve({ dir, env: {}, port: 0, now: () => new Date(Date.now() - ago).toISOString() });
  const first = await open(browser, server.url, 1280, "light");
  if (folder !== undefined) await shoot(first, folder, "nobody-1280-light");
  await talk(first);
  if (folder === undefined) {
    for (const view of OF_README) await shown(first, view, fileURLToPath(new URL("../docs/pictures", import.meta.url)));
  } else {
    await each(widths, async (width, theme) => {
      const page = await open(browser, server.url, width, theme);
      await page.locator("article").last().waitFor();
      await shoot(page, folder, `chat-${width}-${theme}`);
      for (const view of VIEWS) await shown(page, view, folder, `-${width}-${theme}`);
      await page.close();
    });
  }
  await server.close(0);
}

async function ofCrowd(browser: Browser, dir: string, folder: string, widths: readonly number[]): Promise<void> {
  await makeCrowdedHome(dir);
  const server = await serve({ dir, env: {}, port: 0 });
  for (const name of ["Mara", "עדה", "A user whose name is as long as a name of a user may be"]) {
    const { id } = await server.accounts.addUser(name);
    for (const key of ["laptop", "phone"]) await server.accounts.createKey({ user: id, name: key });
  }
  const { token } = await server.accounts.createKey({ user: "default", admin: true });
  await each(widths, async (width, theme) => {
    const page = await open(browser, server.url, width, theme);
    await page.getByLabel("Key").fill(token);
    await shoot(page, folder, `crowded-sign-in-${width}-${theme}`);
    await page.keyboard.press("Enter");
    await panel("talk to crowded")(page);
    await page.getByRole("article").last().waitFor();
    await shoot(page, folder, `crowded-chat-${width}-${theme}`);
    for (const view of CROWDED) await shown(page, view, folder, `-${width}-${theme}`);
    await page.close();
  });
  const page = await open(browser, server.url, 1280, "light");
  await page.getByLabel("Key").fill(token);
  await page.keyboard.press("Enter");
  await panel("talk to agent 1")(page);
  await page.getByText("Say something worth remembering").waitFor();
  await server.close(0);
  await page.getByText("The server does not answer. What").waitFor();
  await shoot(page, folder, "crowded-lost-1280-light");
}

async function each(
  widths: readonly number[],
  work: (width: number, theme: "light" | "dark") => Promise<void>,
): Promise<void> {
  for (const theme of ["light", "dark"] as const) for (const width of widths) await work(width, theme);
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
