import type { SessionWeights, Weights } from "./features.ts";

/**
 * What each feature of a line counts for, learned from questions about long conversations whose answers are known. Made by
 * `npm run learn -- --data FILE --write` (scripts/learn-ranking.ts).
 */
export const CONVERSATION_WEIGHTS: Weights = {
  own: 0.402,
  coverage: 0.469,
  rarest: 0.406,
  phrase: 0.711,
  ownLength: 0.353,
  near1: 0.375,
  near3: 0.502,
  near8: 0.805,
  coverage1: 0.972,
  coverage3: 1.239,
  coverage8: 1.241,
  before: 0.137,
  before2: 1.297,
  after: -0.146,
  answers: 1.751,
  afterQuestion: 0.448,
  session: 0.455,
  sessionCoverage: 0.539,
  near3InSession: 0.558,
  ownInSession: -0.276,
  speaker: 1.298,
  speakerOwn: 0.988,
  speakerNear1: -0.248,
  otherOwn: 0.807,
  speakerAnswers: -0.644,
  inTime: 0.969,
  inTimeOwn: 0.948,
  inTimeNear3: 0.492,
  onDay: 1.901,
  nearDay: 2.562,
  asks: -0.256,
  hasQuestion: -0.546,
  length: -0.316,
  names: 0.248,
  opens: 0.625,
  closes: 0.258,
  whenTimes: 0.873,
  whenTimesOwn: 1.14,
  howManyNumber: 0.84,
  titleTitle: 0.696,
  whereNames: -0.008,
  whoNames: 0.289,
  related: 2.033,
  relatedNear: 1.169,
  relatedSpeaker: 0.456,
  relatedOwn: -1.286,
  relatedNear3: -1.103,
  relatedInSession: -0.132,
};

/** The same of a session. */
export const SESSION_WEIGHTS: SessionWeights = {
  lines: 0.453,
  best: 0.673,
  score: -0.548,
  coverage: -0.614,
};
