import { existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { describe } from "../../errors.ts";
import { type MemGPT, MemGPTError } from "../../index.ts";
import { onlyPrinting } from "./json-text.ts";
import { visible } from "./sanitize.ts";

/** Writes all of an agent to a file that does not exist yet. @throws MemGPTError `invalid_input` where there must be none. */
export async function exportToNewFile(memgpt: MemGPT, name: string, file: string): Promise<void> {
  if (existsSync(file)) {
    throw new MemGPTError("invalid_input", `${file} exists already. Nothing was exported; give another name.`);
  }
  await mayWrite(file, memgpt.home.agents, false);
  const isJson = /\.json$/i.test(file);
  const chunks = memgpt.exportAgent(name, { format: isJson ? "json" : "markdown" });
  await writeWhole(file, isJson ? mapped(chunks, onlyPrinting) : chunks);
}

export async function* mapped(chunks: AsyncIterable<string>, change: (text: string) => string): AsyncGenerator<string> {
  for await (const chunk of chunks) yield change(chunk);
}

/**
 * Whether a person wants `file` written, who is asked in a terminal whether it may replace what is there.
 *
 * @throws MemGPTError `invalid_input` where it must not be written, or where nobody can be asked.
 */
export async function mayWrite(file: string, agents: string, force: boolean): Promise<boolean> {
  const inside = relative(real(agents), real(file));
  if (inside === "" || !(inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside))) {
    const message = `${file} is among the agents' own files, where nothing else belongs. Nothing was exported; choose another folder.`;
    throw new MemGPTError("invalid_input", message);
  }
  // A device or a pipe is written to, not replaced.
  if (force || !existsSync(file) || !statSync(file).isFile()) return true;
  if (process.stdin.isTTY && process.stderr.isTTY) {
    const { default: confirm } = await import("@inquirer/confirm");
    return confirm({ message: `Replace ${visible(file)}?`, default: false }, { output: process.stderr });
  }
  throw new MemGPTError("invalid_input", `${file} exists. Nothing was exported; give --force to replace it.`);
}

/** Where a path leads to, links followed as far as there is something. */
function real(path: string): string {
  const full = resolve(path);
  if (existsSync(full)) return realpathSync.native(full);
  const parent = dirname(full);
  return parent === full ? full : join(real(parent), basename(full));
}

/** Writes a file, all or nothing. @throws MemGPTError `storage_failed`, `interrupted`; a file that was there before is then as it was. */
export async function writeWhole(file: string, chunks: AsyncIterable<string>): Promise<void> {
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
    const left = isReplaced ? leftOver(temporary) : "";
    if (cause instanceof MemGPTError) throw cause;
    const message = `Cannot write ${file} (${describe(cause)}). Nothing was exported.${left}`;
    throw new MemGPTError("storage_failed", message, { cause });
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

/** Removes what was written in part. @returns a sentence where it could not be. */
function leftOver(temporary: string): string {
  try {
    rmSync(temporary, { force: true });
    return "";
  } catch {
    return ` A part of it is left in ${temporary}; remove it.`;
  }
}
