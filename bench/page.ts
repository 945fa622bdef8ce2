import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { serve } from "memgpt/server";
import { type Page, chromium } from "playwright-core";
import { type Figures, count, rounded, summarize } from "./figures.ts";
import { build, nameOf } from "./history.ts";

const VIEW = { width: 1280, height: 800 };
/** Pixels that each frame scrolls: 3,600 a second at 60 frames a second. */
const STEP = 60;
const SEARCHES = ["boat", "the garden", "what was said about the weather", "morning", "letters"];

/** What one scrolling came to. Frames that took longer than one and a half of 60 a second were missed. */
type Scrolled = { readonly frames: number; readonly seconds: number; readonly late: number; readonly longest: number };

/**
 * The page with a long conversation: from its address to the newest messages, frames a second while it is scrolled back, with a
 * page of as many plain lines scrolled in the same browser beside it, memory before and after, and searches. Reads the built page:
 * run `npm run build` first. `--messages` is the length of the conversation, `--seconds` how long it is scrolled.
 */
export async function page(args: readonly string[]): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: { messages: { type: "string", default: "100000" }, seconds: { type: "string", default: "10" } },
  });
  const [messages, seconds] = [count(values.messages, "messages"), count(values.seconds, "seconds")];
  const dir = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  await build(dir, messages);
  const server = await serve({ dir, env: {}, port: 0 });
  const executablePath = process.env["MEMGPT_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
  const flags = ["--no-sandbox", "--disable-dev-shm-usage", "--enable-precise-memory-info"];
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const bare = await browser.newPage({ viewport: VIEW });
    await bare.setContent(
      `<div class="scroll" style="height:100vh;overflow:auto">${"<p>A plain line.</p>".repeat(20_000)}</div>`,
    );
    const plain = await scroll(bare, seconds);
    await bare.close();

    const shown = await browser.newPage({ viewport: VIEW });
    const began = performance.now();
    await shown.goto(server.url);
    await shown.locator("article").last().waitFor();
    const opened = performance.now() - began;
    const paint = await shown.evaluate<number>(
      "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0",
    );
    const before = await sizeOf(shown);
    const own = await scroll(shown, seconds);
    const after = await sizeOf(shown);
    const searches = await search(shown);
    return {
      messages,
      agent: nameOf(messages),
      first_paint_ms: rounded(paint),
      newest_message_ms: rounded(opened),
      scrolling: { page: perSecond(own), plain_lines: perSecond(plain) },
      memory: { opened: before, scrolled: after, searched: await sizeOf(shown) },
      search_ms: summarize(searches),
    };
  } finally {
    await browser.close();
    await server.close(0);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Scrolls back by a little in each frame, in the page itself, as long as it is asked to. */
async function scroll(page: Page, seconds: number): Promise<Scrolled> {
  return page.evaluate<Scrolled>(`new Promise((resolve) => {
    const area = document.querySelector(".scroll");
    area.scrollTop = area.scrollHeight;
    const began = performance.now();
    let [last, frames, late, longest] = [began, 0, 0, 0];
    const step = (now) => {
      frames += 1;
      if (frames > 1) {
        longest = Math.max(longest, now - last);
        if (now - last > 25) late += 1;
      }
      last = now;
      area.scrollTop -= ${STEP};
      if (now - began < ${seconds * 1000}) requestAnimationFrame(step);
      else resolve({ frames, seconds: (now - began) / 1000, late, longest });
    };
    requestAnimationFrame(step);
  })`);
}

function perSecond({ frames, seconds, late, longest }: Scrolled): Figures {
  return { frames_per_second: rounded(frames / seconds, 1), late_frames: late, longest_frame_ms: rounded(longest) };
}

/** Megabytes of the heap after a collection, elements, and messages that are held. */
async function sizeOf(page: Page): Promise<Figures> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const elements = await page.evaluate<number>("document.getElementsByTagName('*').length");
  return { heap_mb: rounded(usedSize / 1e6, 1), elements, rows: await page.locator("article").count() };
}

/** Milliseconds from the last letter of each query to its results. */
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
