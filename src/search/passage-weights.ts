import type { PassageWeights } from "./passage-features.ts";

/**
 * What each feature of a passage counts for, learned from questions whose passages are known. Made by
 * `npx tsx scripts/learn-passages.ts --passages FILE --questions FILE --write`.
 */
export const PASSAGE_WEIGHTS: PassageWeights = {
  bm25: 4.04,
  rarest: 3.371,
  heading: 2.488,
  headingAsked: 2.205,
  window: 3.405,
  phrase: 2.225,
  similar: 2.711,
};
