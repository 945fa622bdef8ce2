import type { AgentState } from "../schema/state.ts";

type Pressure = AgentState["pressure"];

/** Tokens of a request: the uncalibrated estimate, and the server's count. */
export type Report = { readonly estimate: number; readonly prompt: number };

/** A count cannot tell apart prompts that differ by fewer estimated tokens. */
const SMALLEST_DIFFERENCE = 100;
/** No vocabulary needs fewer tokens for added text than this share of its estimate. */
const LEAST_RISE = 0.15;
/** In most scripts, a first count below this share of the estimate left something out. */
const LEAST_COUNT = 0.5;
/** Below this share of an earlier count, the server counted only the uncached part. */
const LEAST_SHARE = 0.45;
/** A truncating server is reported after this many unchanged counts in a row, all below this share of the expected count. */
const STALLS = 2;
const FAR_BELOW = 0.85;

/**
 * Learns from a server's count how far the estimate is off, and whether the server reads everything it is sent.
 *
 * A server that silently truncates prompts reports the size of what it kept. Believing that would make every estimate look too
 * high, so that more and more would be sent and lost. A count is therefore believed only if it grows and shrinks with the prompt.
 *
 * @returns `cutAt`: the server's window in tokens, as far as its counts show, once it becomes clear.
 */
export function recalibrate(pressure: Pressure, report: Report): { pressure: Pressure; cutAt?: number } {
  const { calibration, counted: before } = pressure;
  const { estimate, prompt } = report;
  const isPlausible = prompt >= LEAST_COUNT * estimate;
  const believed = { ...pressure, ...(isPlausible ? { calibration: ratio(report) } : {}) };
  if (before === undefined) return { pressure: { ...believed, counted: { ...report, stalls: 0, told: false } } };

  const grown = estimate - before.estimate;
  const risen = prompt - before.prompt;
  const share = Math.min(1, estimate / before.estimate) * LEAST_SHARE;
  if (prompt < share * before.prompt) return { pressure };
  if (Math.abs(grown) < SMALLEST_DIFFERENCE) return { pressure: believed };
  if (grown > 0 ? risen >= LEAST_RISE * grown : risen <= LEAST_RISE * grown) {
    const counted = { ...report, stalls: 0, told: before.told };
    return { pressure: { ...pressure, calibration: ratio(report), counted } };
  }

  const stalls = before.stalls + 1;
  const isCut = !before.told && stalls >= STALLS && prompt <= FAR_BELOW * estimate * calibration;
  const next = { ...pressure, counted: { ...before, stalls, told: before.told || isCut } };
  return isCut ? { pressure: next, cutAt: Math.max(prompt, before.prompt) } : { pressure: next };
}

/** Tokens per estimated token. Bounded, because some servers report nonsense. */
export function ratio({ estimate, prompt }: Report): number {
  return Math.min(2, Math.max(0.5, prompt / estimate));
}
