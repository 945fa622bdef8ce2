import { existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { describe } from "../../errors.ts";
import { type ExportFormat, type MemGPT, MemGPTError } from "../../index.ts";
import { safeJson } from "./json-text.ts";
import { visible } from "./sanitize.ts";

/** Exports an agent to a new file. @throws MemGPTError `invalid_input` if the file exists or lies among agents' files. */
export async function exportToNewFile(
  memgpt: Pick<MemGPT, "home" | "exportAgent">,
  name: string,
  file: string,
): Promise<void> {
  if (existsSync(file)) {
    throw new MemGPTError("invalid_input", `${file} already exists. Nothing was exported; choose another name.`);
  }
  await confirmWrite(file, memgpt.home.agents, false);
  const format = formatOf(file);
  const chunks = memgpt.exportAgent(name, { format });
  await writeWhole(file, format === "markdown" ? chunks : mapped(chunks, safeJson));
}

/** The format that a file's name asks for. */
export function formatOf(file: string): ExportFormat {
  const extension = extname(file).toLowerCase();
  if (extension === ".json") return "json";
  return extension === ".af" ? "af" : "markdown";
}

export async function* mapped(chunks: AsyncIterable<string>, change: (text: string) => string): AsyncGenerator<string> {
  for await (const chunk of chunks) yield change(chunk);
}

/**
 * Whether to write `file`. Asks in a terminal before replacing an existing one.
 *
 * @throws MemGPTError `invalid_input` if the file lies among agents' files, or if it exists and nobody can be asked.
 */
export async function confirmWrite(file: string, agents: string, force: boolean): Promise<boolean> {
  const inside = relative(real(agents), real(file));
  if (inside === "" || !(inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside))) {
    const message = `${file} lies in a folder of agents' own files. Nothing was exported; choose another folder.`;
    throw new MemGPTError("invalid_input", message);
  }
  // A device or pipe is written to, not replaced.
  if (force || !existsSync(file) || !statSync(file).isFile()) return true;
  if (process.stdin.isTTY && process.stderr.isTTY) {
    const { default: confirm } = await import("@inquirer/confirm");
    return confirm({ message: `Replace ${visible(file)}?`, default: false }, { output: process.stderr });
  }
  throw new MemGPTError("invalid_input", `${file} already exists. Nothing was exported; pass --force to replace it.`);
}

/** `path` with the links in its existing part resolved. */
function real(path: string): string {
  const full = resolve(path);
  if (existsSync(full)) return realpathSync.native(full);
  const parent = dirname(full);
  return parent === full ? full : join(real(parent), basename(full));
}

/** Writes a whole file or nothing. @throws MemGPTError `storage_failed`, `interrupted`; an existing file is then unchanged. */
export async function writeWhole(file: string, chunks: AsyncIterable<string>): Promise<void> {
  const target = existsSync(file) ? realpathSync(file) : file;
  // A device or pipe is written to, not replaced.
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
    const left = isReplaced ? removePartial(temporary) : "";
    if (cause instanceof MemGPTError) throw cause;
    const message = `Cannot write ${file} (${describe(cause)}). Nothing was exported.${left}`;
    throw new MemGPTError("storage_failed", message, { cause });
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

/** Removes a partly written file. @returns a sentence for the error if that fails. */
function removePartial(temporary: string): string {
  try {
    rmSync(temporary, { force: true });
    return "";
  } catch {
    return ` A partial copy remains in ${temporary}; delete it.`;
  }
}
