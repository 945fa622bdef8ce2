import { existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { describe } from "../../errors.ts";
import { type ExportFormat, MemGPTError } from "../../index.ts";
import { isClosedPipe } from "../terminal/closed-pipe.ts";
import { onlyPrinting } from "../terminal/json-text.ts";
import { openHome } from "./open-home.ts";
import { visible } from "../terminal/sanitize.ts";

type Options = { readonly format: ExportFormat; readonly all?: boolean; readonly output?: string };

/** `memgpt export NAME`: to a file, all or nothing, or to standard output. */
export async function exportAgent(name: string, { format, all, output }: Options): Promise<void> {
  const memgpt = await openHome();
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

async function* mapped(chunks: AsyncIterable<string>, change: (text: string) => string): AsyncGenerator<string> {
  for await (const chunk of chunks) yield change(chunk);
}

/** @throws MemGPTError `storage_failed`, `interrupted`; a file that was there before is then as it was. */
async function writeWhole(file: string, chunks: AsyncIterable<string>): Promise<void> {
  const target = existsSync(file) ? realpathSync(file) : file;
  // A device or a pipe is written to, not replaced.
  const isReplaced = !existsSync(target) || statSync(target).isFile();
  const temporary = isReplaced ? `${target}.${process.pid}.tmp` : target;
  const ending = new AbortController();
  const onInterrupt = (): void => {
    ending.abort();
  };
  process.once("SIGINT", onInterrupt);
  try {
    const handle = await open(temporary, "w", 0o600);
    try {
      for await (const chunk of chunks) {
        await handle.writeFile(chunk);
        if (ending.signal.aborted) throw new MemGPTError("interrupted", `Stopped. ${file} was not written.`);
      }
      if (isReplaced) await handle.sync();
    } finally {
      await handle.close();
    }
    if (isReplaced) renameSync(temporary, target);
  } catch (cause) {
    if (isReplaced) rmSync(temporary, { force: true });
    if (cause instanceof MemGPTError) throw cause;
    throw new MemGPTError("storage_failed", `Cannot write ${file} (${describe(cause)}).`, { cause });
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}
