/** Outcomes of a case, best first. The last four are failures. */
export const OUTCOMES = [
  "kept_and_said_so",
  "refused_and_said_so",
  "contradicted",
  "raw_error",
  "stack_trace",
  "unusable",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export function isBad(outcome: Outcome): boolean {
  return OUTCOMES.indexOf(outcome) >= OUTCOMES.indexOf("contradicted");
}

export function worst(outcomes: readonly Outcome[]): Outcome {
  return OUTCOMES[Math.max(0, ...outcomes.map((outcome) => OUTCOMES.indexOf(outcome)))] ?? "unusable";
}

/** The session's reports, one JSON object per line. `digest` identifies the world as reported. */
export type Report =
  | { readonly type: "begin"; readonly fault: string | null }
  | { readonly type: "operation"; readonly name: string }
  | {
      readonly type: "said";
      readonly name: string;
      readonly outcome: Outcome;
      /** What was printed or thrown, and what is wrong with it. */
      readonly text: string;
      /** Calls that had failed by then. */
      readonly failed: number;
      readonly digest: string;
      /** Whether the error said that the result is unknown. The session then ends. */
      readonly isUnknown: boolean;
    }
  | {
      readonly type: "end";
      readonly failed: number;
      readonly first: string;
      readonly count: number;
      readonly seen: Readonly<Record<string, number>>;
    };
