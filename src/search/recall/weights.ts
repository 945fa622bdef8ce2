import type { SessionWeights, Weights } from "./features.ts";

/**
 * What each feature of a line counts for, learned from questions about long conversations whose answers are known. Made by
 * `npm run learn -- --data FILE --write` (scripts/learn-ranking.ts).
 */
export const CONVERSATION_WEIGHTS: Weights = {
  own: 0.402,
  coverage: 0.464,
  rarest: 0.341,
  phrase: 0.729,
  ownLength: 0.35,
  near1: 0.386,
  near3: 0.534,
  near8: 0.799,
  coverage1: 0.931,
  coverage3: 1.242,
  coverage8: 1.229,
  before: 0.139,
  before2: 1.275,
  after: -0.132,
  answers: 1.78,
  afterQuestion: 0.441,
  session: 0.407,
  sessionCoverage: 0.527,
  near3InSession: 0.578,
  ownInSession: -0.294,
  speaker: 1.312,
  speakerOwn: 0.99,
  speakerNear1: -0.228,
  otherOwn: 0.827,
  speakerAnswers: -0.66,
  inTime: 0.96,
  inTimeOwn: 0.959,
  inTimeNear3: 0.495,
  onDay: 1.889,
  nearDay: 2.549,
  asks: -0.244,
  hasQuestion: -0.547,
  length: -0.295,
  names: 0.23,
  opens: 0.637,
  closes: 0.269,
  whenTimes: 0.878,
  whenTimesOwn: 1.146,
  howManyNumber: 0.829,
  titleTitle: 0.642,
  whereNames: 0.01,
  whoNames: 0.294,
  related: 2.015,
  relatedNear: 1.153,
  relatedSpeaker: 0.44,
  relatedOwn: -1.235,
  relatedNear3: -1.134,
  relatedInSession: -0.112,
};

/** The same of a session. */
export const SESSION_WEIGHTS: SessionWeights = {
  lines: 0.48,
  best: 0.655,
  score: -0.589,
  coverage: -0.598,
};
