import type { RunOptions } from "../setup/run-options.ts";
import type { Reporting } from "../terminal/report-error.ts";

/** How failures are reported: where standard output is JSON, each is one more object. */
export function reporting({ debug, outputFormat }: Pick<RunOptions, "debug" | "outputFormat">): Reporting {
  return { debug, json: outputFormat !== "text" };
}
