import { pipeline } from "node:stream/promises";
import type { ExportFormat } from "../../index.ts";
import { isClosedPipe } from "../terminal/closed-pipe.ts";
import { mapped, mayWrite, writeWhole } from "../terminal/export-file.ts";
import { onlyPrinting } from "../terminal/json-text.ts";
import { openHome } from "../terminal/open-home.ts";
import { visible } from "../terminal/sanitize.ts";

type Options = {
  readonly format: ExportFormat;
  readonly all?: boolean;
  readonly output?: string;
  readonly force?: boolean;
};

/** `memgpt export NAME`: to a file, all or nothing, or to standard output. */
export async function exportAgent(name: string, { format, all, output, force = false }: Options): Promise<void> {
  const memgpt = await openHome();
  if (output !== undefined && !(await mayWrite(output, memgpt.home.agents, force))) {
    process.stderr.write("Nothing was exported.\n");
    return;
  }
  const chunks = memgpt.exportAgent(name, { format, all });
  const text = format === "json" ? mapped(chunks, onlyPrinting) : chunks;
  if (output !== undefined) {
    await writeWhole(output, text);
    process.stderr.write(`${visible(`Exported agent ${name} to ${output}.`)}\n`);
    return;
  }
  // What is piped is what is stored: only a terminal has to be kept safe from it.
  const shown = format === "markdown" && process.stdout.isTTY ? mapped(text, visible) : text;
  await pipeline(shown, process.stdout, { end: false }).catch((error: unknown) => {
    // A reader that has seen enough, such as `head`.
    if (!(error instanceof Error && isClosedPipe(error))) throw error;
  });
}
