import { type Mentions, mentionsIn } from "./concepts.ts";
import { FUNCTION_NAME, NUMBER, OWN_FUNCTION, QUOTED, TARGET, VOCATIVE } from "./patterns.ts";

/** Where a text has things that look the same in every language. */
export type Neutral = Readonly<
  Record<"target" | "own_function" | "function_name" | "number" | "quoted" | "colon" | "vocative", readonly number[]>
>;

/** A text as `plain` returns it, and what is seen in it. */
export type Signs = {
  readonly text: string;
  readonly neutral: Neutral;
  readonly languages: ReadonlyMap<string, Mentions>;
};

export function signsIn(text: string): Signs {
  return {
    text,
    neutral: {
      target: at(text, TARGET),
      own_function: at(text, OWN_FUNCTION),
      function_name: at(text, FUNCTION_NAME),
      number: at(text, NUMBER),
      quoted: at(text, QUOTED),
      colon: at(text, /[:—–](?=\s)/gu),
      vocative: at(text, VOCATIVE),
    },
    languages: mentionsIn(text),
  };
}

function at(text: string, pattern: RegExp): number[] {
  return Array.from(text.matchAll(pattern), ({ index }) => index);
}
