import type { PassageWeights } from "./features.ts";

/**
 * What each feature of a passage counts for, learned from questions whose passages are known. Made by
 * `npx tsx scripts/learn-passages.ts --passages FILE --questions FILE --write`.
 */
export const PASSAGE_WEIGHTS: PassageWeights = {
  bm25: 4.042,
  rarest: 3.346,
  heading: 2.487,
  headingAsked: 2.221,
  window: 3.43,
  phrase: 2.252,
  similar: 2.716,
};
