import type { Cut } from "../schema/answer-bounds.ts";

/** Tells the person that a bound cut an answer off. */
export function cutNotice(cut: Cut): string {
  return `The model's answer ${what(cut)}. max_answer_${cut.by} in the configuration sets the bound.`;
}

/** Tells the model, which would otherwise assume that everything it wrote arrived. */
export function cutAlert(cut: Cut): string {
  return `Your last answer ${what(cut)}. Answer shorter.`;
}

function what({ by, limit }: Cut): string {
  const shown = limit.toLocaleString("en-US");
  switch (by) {
    case "bytes":
      return `was cut off at ${shown} bytes; what came before is kept`;
    case "calls":
      return `had more than ${shown} calls; the first ${shown} were run and the rest were not`;
    case "depth":
      return `had calls with arguments nested deeper than ${shown} levels; these were not run`;
    case "seconds":
      return `was cut off after ${shown} seconds; what came before is kept`;
  }
}
