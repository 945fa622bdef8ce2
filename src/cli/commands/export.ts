import { pipeline } from "node:stream/promises";
import type { ExportFormat } from "../../index.ts";
import { isOutputError } from "../terminal/closed-pipe.ts";
import { confirmWrite, formatOf, mapped, writeWhole } from "../terminal/export-file.ts";
import { safeJson } from "../terminal/json-text.ts";
import { openHome } from "../terminal/open-home.ts";
import { warn } from "../terminal/print.ts";
import { visible } from "../terminal/sanitize.ts";

type Options = {
  readonly format?: ExportFormat;
  readonly all?: boolean;
  readonly output?: string;
  readonly force?: boolean;
};

/** `memgpt export NAME`: writes a whole file or none, or prints to standard output. */
export async function exportAgent(name: string, { all, output, force = false, ...given }: Options): Promise<void> {
  const memgpt = await openHome();
  if (output !== undefined && !(await confirmWrite(output, memgpt.home.agents, force))) {
    process.stderr.write("Nothing was exported.\n");
    return;
  }
  const format = given.format ?? formatOf(output ?? "");
  const chunks = memgpt.exportAgent(name, { format, all });
  const text = format === "markdown" ? chunks : mapped(chunks, safeJson);
  if (output !== undefined) {
    await writeWhole(output, text);
    warn(`Exported agent ${name} to ${output}.`);
    return;
  }
  // A pipe gets the text as stored; a terminal gets it without control characters.
  const shown = format === "markdown" && process.stdout.isTTY ? mapped(text, visible) : text;
  await pipeline(shown, process.stdout, { end: false }).catch((error: unknown) => {
    // A reader such as `head` has seen enough; start.ts reports other failures to write.
    if (!isOutputError(error)) throw error;
  });
}
