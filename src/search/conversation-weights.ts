import type { SessionWeights, Weights } from "./features.ts";

/**
 * What each feature of a line counts for, learned from questions about long conversations whose answers are known. Made by
 * `npm run learn -- --data FILE --write` (scripts/learn-ranking.ts).
 */
export const CONVERSATION_WEIGHTS: Weights = {
  own: 0.412,
  coverage: 0.594,
  rarest: 0.279,
  phrase: 0.439,
  ownLength: 0.224,
  near1: 0.579,
  near3: 0.849,
  near8: 1.507,
  coverage1: 0.604,
  coverage3: 1.204,
  coverage8: 1.29,
  before: -0.091,
  before2: 1.177,
  after: -0.212,
  answers: 1.916,
  afterQuestion: 0.457,
  session: 0.589,
  sessionCoverage: 0.693,
  near3InSession: 0.023,
  ownInSession: -0.668,
  speaker: 1.34,
  speakerOwn: 0.815,
  speakerNear1: -0.146,
  otherOwn: 0.803,
  speakerAnswers: -0.497,
  inTime: 0.981,
  inTimeOwn: 1.056,
  inTimeNear3: 0.418,
  onDay: 1.852,
  nearDay: 2.576,
  asks: -0.191,
  hasQuestion: -0.603,
  length: -0.156,
  names: 0.261,
  opens: 0.506,
  closes: 0.181,
  whenTimes: 0.975,
  whenTimesOwn: 1.155,
  howManyNumber: 0.943,
  titleTitle: 0.582,
  whereNames: -0.159,
  whoNames: 0.284,
  related: 0,
  relatedNear: 0,
  relatedSpeaker: 0,
  relatedOwn: 0,
  relatedNear3: 0,
  relatedInSession: 0,
};

/** The same of a session. */
export const SESSION_WEIGHTS: SessionWeights = {
  lines: 0.353,
  best: 0.641,
  score: -0.192,
  coverage: -0.328,
};
