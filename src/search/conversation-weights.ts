import type { SessionWeights, Weights } from "./features.ts";

/**
 * What each feature of a line counts for, learned from questions about long conversations whose answers are known. Made by
 * `npm run learn -- --data FILE --write` (scripts/learn-ranking.ts).
 */
export const CONVERSATION_WEIGHTS: Weights = {
  own: 0.4,
  coverage: 0.424,
  rarest: 0.427,
  phrase: 0.724,
  ownLength: 0.358,
  near1: 0.391,
  near3: 0.513,
  near8: 0.78,
  coverage1: 0.95,
  coverage3: 1.242,
  coverage8: 1.236,
  before: 0.137,
  before2: 1.304,
  after: -0.13,
  answers: 1.753,
  afterQuestion: 0.443,
  session: 0.436,
  sessionCoverage: 0.555,
  near3InSession: 0.56,
  ownInSession: -0.274,
  speaker: 1.293,
  speakerOwn: 0.973,
  speakerNear1: -0.231,
  otherOwn: 0.811,
  speakerAnswers: -0.647,
  inTime: 0.969,
  inTimeOwn: 0.948,
  inTimeNear3: 0.491,
  onDay: 1.9,
  nearDay: 2.56,
  asks: -0.256,
  hasQuestion: -0.547,
  length: -0.316,
  names: 0.242,
  opens: 0.625,
  closes: 0.224,
  whenTimes: 0.866,
  whenTimesOwn: 1.147,
  howManyNumber: 0.84,
  titleTitle: 0.603,
  whereNames: -0.001,
  whoNames: 0.291,
  related: 2.033,
  relatedNear: 1.152,
  relatedSpeaker: 0.466,
  relatedOwn: -1.278,
  relatedNear3: -1.101,
  relatedInSession: -0.117,
};

/** The same of a session. */
export const SESSION_WEIGHTS: SessionWeights = {
  lines: 0.433,
  best: 0.692,
  score: -0.56,
  coverage: -0.605,
};
