import type { SessionWeights, Weights } from "./features.ts";

/**
 * What each feature of a line counts for, learned from questions about long conversations whose answers are known. Made by
 * `npm run learn -- --data FILE --write` (scripts/learn-ranking.ts).
 */
export const CONVERSATION_WEIGHTS: Weights = {
  own: 0.408,
  coverage: 0.455,
  rarest: 0.367,
  phrase: 0.735,
  ownLength: 0.356,
  near1: 0.384,
  near3: 0.537,
  near8: 0.826,
  coverage1: 0.941,
  coverage3: 1.24,
  coverage8: 1.244,
  before: 0.134,
  before2: 1.28,
  after: -0.124,
  answers: 1.766,
  afterQuestion: 0.446,
  session: 0.44,
  sessionCoverage: 0.539,
  near3InSession: 0.559,
  ownInSession: -0.317,
  speaker: 1.31,
  speakerOwn: 0.986,
  speakerNear1: -0.24,
  otherOwn: 0.818,
  speakerAnswers: -0.643,
  inTime: 0.971,
  inTimeOwn: 0.954,
  inTimeNear3: 0.496,
  onDay: 1.898,
  nearDay: 2.559,
  asks: -0.246,
  hasQuestion: -0.549,
  length: -0.295,
  names: 0.228,
  opens: 0.636,
  closes: 0.257,
  whenTimes: 0.877,
  whenTimesOwn: 1.148,
  howManyNumber: 0.833,
  titleTitle: 0.64,
  whereNames: 0.008,
  whoNames: 0.298,
  related: 2.026,
  relatedNear: 1.166,
  relatedSpeaker: 0.441,
  relatedOwn: -1.236,
  relatedNear3: -1.124,
  relatedInSession: -0.137,
};

/** The same of a session. */
export const SESSION_WEIGHTS: SessionWeights = {
  lines: 0.456,
  best: 0.671,
  score: -0.555,
  coverage: -0.611,
};
