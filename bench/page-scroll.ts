import type { Page } from "playwright-core";
import { type Figures, rounded } from "./figures.ts";

/** Pixels that each frame scrolls: 3,600 a second at 60 frames a second. */
const STEP = 60;
/** Without older messages for this many milliseconds, the beginning is reached. */
const NO_MORE = 3000;

/** Figures of one scroll. A frame is late if it took longer than one and a half frames at 60 a second. */
type Scrolled = { readonly frames: number; readonly seconds: number; readonly late: number; readonly longest: number };

/** Scrolls back a little in each frame, inside the page, for the given time. */
export async function scroll(page: Page, seconds: number): Promise<Scrolled> {
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

/**
 * Frames a second, and the cost of one in the page's main thread: script, style and layout, without painting, which a graphics
 * processor would do. A sixtieth of a second has 16.7 ms.
 */
export async function costOf(page: Page, work: () => Promise<Scrolled>): Promise<Figures> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const read = async (): Promise<ReadonlyMap<string, number>> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return new Map(metrics.map(({ name, value }) => [name, value]));
  };
  const before = await read();
  const { frames, seconds, late, longest } = await work();
  const after = await read();
  await session.detach();
  const each = (name: string): number => (((after.get(name) ?? 0) - (before.get(name) ?? 0)) * 1000) / frames;
  const [script, style, layout] = [each("ScriptDuration"), each("RecalcStyleDuration"), each("LayoutDuration")];
  return {
    frames_per_second: rounded(frames / seconds, 1),
    late_frames: late,
    longest_frame_ms: rounded(longest, 1),
    script_ms_per_frame: rounded(script),
    style_and_layout_ms_per_frame: rounded(style + layout),
  };
}

/** Jumps to the top until nothing older comes, so that every message was drawn once. */
export async function jumpBack(page: Page, longest: number): Promise<Figures> {
  type Back = {
    readonly parts: number;
    readonly milliseconds: number;
    readonly most: number;
    readonly isAtFirst: boolean;
  };
  const { parts, milliseconds, most, isAtFirst } = await page.evaluate<Back>(`new Promise((resolve) => {
    const area = document.querySelector(".scroll");
    const began = performance.now();
    let [first, since, parts, most] = ["", began, 0, 0];
    const step = (now) => {
      const rows = area.querySelectorAll("article");
      if (rows[0]?.id !== first) {
        [first, since] = [rows[0]?.id, now];
        parts += 1;
        most = Math.max(most, rows.length);
      }
      const isAtFirst = now - since > ${NO_MORE};
      if (isAtFirst || now - began > ${longest}) resolve({ parts, milliseconds: since - began, most, isAtFirst });
      else {
        area.scrollTop = 0;
        area.dispatchEvent(new Event("scroll"));
        requestAnimationFrame(step);
      }
    };
    requestAnimationFrame(step);
  })`);
  return {
    reached_the_first: isAtFirst,
    parts_read: parts,
    seconds: rounded(milliseconds / 1000, 1),
    ms_per_part: rounded(milliseconds / parts, 1),
    most_rows: most,
  };
}
