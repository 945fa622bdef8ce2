/** Bounds on one answer of a model. The rest is cut off, with a notice to the person and an alert to the model. */
export type AnswerBounds = {
  /** Text, thoughts and arguments together, in UTF-8. */
  readonly bytes: number;
  /** Function calls that run. */
  readonly calls: number;
  /** Levels of nesting in the arguments of a call. */
  readonly depth: number;
  /** From the request to the end of the answer, repeated requests included. */
  readonly seconds: number;
};

export const DEFAULT_ANSWER_BOUNDS: AnswerBounds = { bytes: 1_000_000, calls: 64, depth: 64, seconds: 600 };

/** Which bound cut an answer off, and its value. */
export type Cut = { readonly by: keyof AnswerBounds; readonly limit: number };
