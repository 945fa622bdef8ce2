import type { AgentState } from "../schema/state.ts";

type Pressure = AgentState["pressure"];

/** How many tokens a request was estimated at, without calibration, and how many of it the server says it read. */
export type Report = { readonly estimate: number; readonly prompt: number };

/** A prompt that is this much larger or smaller than another can be told from it by a count. */
const TELLING = 100;
/** No vocabulary takes fewer tokens for added text than this share of its estimate. */
const LEAST_RISE = 0.15;
/** A first count below this share of the estimate is no count of the whole, for most scripts. */
const LEAST_COUNT = 0.5;
/** Below this share of an earlier count, a server counted something else: only what it had not in its cache. */
const LEAST_SHARE = 0.45;
/** So many counts in a row must stand still, and be below this share of what was expected, before anybody is told. */
const STALLS = 2;
const FAR_BELOW = 0.85;

/**
 * What a server's count says: how far the estimate is off, and whether the server reads all that it is sent.
 *
 * A server that cuts what is longer than its window in silence reports what it kept. Taken at its word, it would make every
 * estimate look too high, and ever more would be sent and cut. So a count is believed only if it grows and shrinks with the
 * prompt; where it stands still, what was known before holds.
 *
 * @returns `cutAt`: the server's window in tokens, as far as its counts tell, the first time that it is clear.
 */
export function heard(pressure: Pressure, report: Report): { pressure: Pressure; cutAt?: number } {
  const { calibration, counted: before } = pressure;
  const { estimate, prompt } = report;
  const isPlausible = prompt >= LEAST_COUNT * estimate;
  const believed = { ...pressure, ...(isPlausible ? { calibration: ratio(report) } : {}) };
  if (before === undefined) return { pressure: { ...believed, counted: { ...report, stalls: 0, told: false } } };

  const grown = estimate - before.estimate;
  const risen = prompt - before.prompt;
  const share = Math.min(1, estimate / before.estimate) * LEAST_SHARE;
  if (prompt < share * before.prompt) return { pressure };
  if (Math.abs(grown) < TELLING) return { pressure: believed };
  if (grown > 0 ? risen >= LEAST_RISE * grown : risen <= LEAST_RISE * grown) {
    const counted = { ...report, stalls: 0, told: before.told };
    return { pressure: { ...pressure, calibration: ratio(report), counted } };
  }

  const stalls = before.stalls + 1;
  const isCut = !before.told && stalls >= STALLS && prompt <= FAR_BELOW * estimate * calibration;
  const next = { ...pressure, counted: { ...before, stalls, told: before.told || isCut } };
  return isCut ? { pressure: next, cutAt: Math.max(prompt, before.prompt) } : { pressure: next };
}

/** Tokens per estimated token. Bounded, since some servers report nonsense. */
export function ratio({ estimate, prompt }: Report): number {
  return Math.min(2, Math.max(0.5, prompt / estimate));
}
