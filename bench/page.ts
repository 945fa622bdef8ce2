import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { serve } from "memgpt/server";
import { type Browser, type Page, chromium } from "playwright-core";
import { type Figures, rounded, summarize } from "./figures.ts";
import { readOptions } from "./options.ts";
import { build, nameOf } from "./history.ts";
import { costOf, jumpBack, scroll } from "./page-scroll.ts";

const USAGE = "page [--messages 100000] [--seconds 10] [--visits 7]";
const VIEW = { width: 1280, height: 800 };
const FILES = ["main.js", "style.css", "index.html"];
const SEARCHES = ["boat", "the garden", "what was said about the weather", "morning", "letters"];

/** Time limits in milliseconds, so that the benchmark ends: for a step of the browser, and for all jumps. */
const LONGEST_STEP = 30_000;
const LONGEST_BACK = 150_000;

/**
 * The page with a long conversation: its size; the time to the first paint and to the newest messages; frames a second and the
 * cost of a frame while scrolling back, compared with as many plain lines in the same browser; memory on the way to the first
 * message; and searches. Uses the built page: run `npm run build` first.
 */
export async function page(args: readonly string[]): Promise<Figures> {
  const { messages, seconds, visits } = readOptions(args, USAGE, { messages: 100_000, seconds: 10, visits: 7 });
  const dir = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  say(`makes ${messages} messages`);
  await build(dir, messages);
  const server = await serve({ dir, env: {}, port: 0 });
  const executablePath = process.env["MEMGPT_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
  const flags = ["--no-sandbox", "--disable-dev-shm-usage", "--enable-precise-memory-info"];
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    say("first paint");
    const opened = await openings(browser, server.url, visits);
    say("scrolls plain lines");
    const plain = await plainLines(browser, seconds);
    say("scrolls the conversation");
    const shown = await openPage(browser);
    await shown.goto(server.url);
    await shown.locator("article").last().waitFor();
    const before = await sizeOf(shown);
    const own = await costOf(shown, () => scroll(shown, seconds));
    const scrolled = await sizeOf(shown);
    say("goes back to the first message");
    const back = await jumpBack(shown, LONGEST_BACK);
    const whole = await sizeOf(shown);
    say("searches");
    const searches = await search(shown);
    return {
      messages,
      agent: nameOf(messages),
      gzipped_bytes: sizes(),
      first_paint_ms: summarize(opened.paints),
      newest_message_ms: summarize(opened.newest),
      scrolling: { page: own, plain_lines: plain },
      back_to_the_first: back,
      memory: { opened: before, scrolled, at_the_first: whole, searched: await sizeOf(shown) },
      search_ms: summarize(searches),
    };
  } finally {
    await browser.close();
    await server.close(0);
    rmSync(dir, { recursive: true, force: true });
  }
}

async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: VIEW });
  page.setDefaultTimeout(LONGEST_STEP);
  return page;
}

/** Milliseconds to the first paint and to the newest message, with an empty cache. */
async function openings(browser: Browser, url: string, visits: number): Promise<Record<"paints" | "newest", number[]>> {
  const [paints, newest]: [number[], number[]] = [[], []];
  for (let visit = 0; visit < visits; visit += 1) {
    // Each window has its own cache.
    const page = await openPage(browser);
    const began = performance.now();
    await page.goto(url);
    await page.locator("article").last().waitFor();
    newest.push(performance.now() - began);
    paints.push(
      await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"),
    );
    await page.close();
  }
  return { paints, newest };
}

async function plainLines(browser: Browser, seconds: number): Promise<Figures> {
  const page = await openPage(browser);
  const lines = "<p>A plain line.</p>".repeat(20_000);
  await page.setContent(`<div class="scroll" style="height:100vh;overflow:auto">${lines}</div>`);
  const figures = await costOf(page, () => scroll(page, seconds));
  await page.close();
  return figures;
}

/** Megabytes of the heap after a collection, and counts of elements and entries. */
async function sizeOf(page: Page): Promise<Figures> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  const elements = await page.evaluate<number>("document.getElementsByTagName('*').length");
  return { heap_mb: rounded(usedSize / 1e6, 1), elements, rows: await page.locator("article").count() };
}

/** Milliseconds from the last letter of each query to its results, including the pause before it is sent. */
async function search(page: Page): Promise<number[]> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).fill("search what");
  await page.keyboard.press("Enter");
  const times: number[] = [];
  for (const query of SEARCHES) {
    const answered = page.waitForResponse((response) => response.url().includes("/search?"));
    const began = performance.now();
    await page.getByRole("searchbox").fill(query);
    await answered;
    await page.getByRole("region", { name: "Results" }).waitFor();
    times.push(performance.now() - began);
  }
  return times;
}

function sizes(): Figures {
  const folder = fileURLToPath(new URL("../dist/server/page/", import.meta.url));
  const each = FILES.map((file) => [file, gzipSync(readFileSync(join(folder, file))).length] as const);
  return { ...Object.fromEntries(each), together: each.reduce((sum, [, size]) => sum + size, 0) };
}

function say(what: string): void {
  process.stderr.write(`page, after ${Math.round(process.uptime())} s: ${what}\n`);
}
