/** What came of a case, the best first. The last four must not be. */
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

/** What the session reports as it goes, one JSON object a line. `digest`: of the world that is there now, as was said. */
export type Report =
  | { readonly type: "begin"; readonly fault: string | null }
  | { readonly type: "operation"; readonly name: string }
  | {
      readonly type: "said";
      readonly name: string;
      readonly outcome: Outcome;
      /** What was printed or thrown, and what is wrong with it. */
      readonly text: string;
      /** Calls that had been made to fail by then. */
      readonly failed: number;
      readonly digest: string;
      /** Whether it was said that nobody knows what is there. The session ends with it. */
      readonly isUnknown: boolean;
    }
  | {
      readonly type: "end";
      readonly failed: number;
      readonly first: string;
      readonly count: number;
      readonly seen: Readonly<Record<string, number>>;
    };
