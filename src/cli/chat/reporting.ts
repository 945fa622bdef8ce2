import type { RunOptions } from "../setup/run-options.ts";
import type { Reporting } from "../terminal/report-error.ts";

/** How to report failures: in the JSON formats, each is one more object on standard output. */
export function reporting({ debug, outputFormat }: Pick<RunOptions, "debug" | "outputFormat">): Reporting {
  return { debug, json: outputFormat !== "text" };
}
