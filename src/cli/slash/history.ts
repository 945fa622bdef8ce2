import { type BlockEdit, shownTime } from "../../index.ts";
import { renderDiff } from "../terminal/line-diff.ts";
import { oneLine } from "../terminal/one-line.ts";
import { fromOthers } from "./origin.ts";

/** Edits of core memory as diffs, each with its time and cause, oldest first. */
export function renderHistory(edits: readonly BlockEdit[]): string {
  return edits
    .map(({ at, label, action, thought, before, after, origin }) => {
      const why = thought === null || thought.trim() === "" ? [] : [`  because: ${oneLine(thought)}`];
      return [
        `${shownTime(at)}  ${label}, by ${action}${fromOthers(origin)}`,
        ...why,
        renderDiff(before, after).replace(/^/gm, "  "),
      ].join("\n");
    })
    .join("\n");
}
