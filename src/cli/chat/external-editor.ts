import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemGPTError } from "../../index.ts";

/** A shell's exit codes for a command that it cannot run. */
const NO_SUCH_COMMAND: ReadonlySet<number | null> = new Set([126, 127]);

/**
 * Opens `text` in the person's editor and passes the saved text to `use`. The file, named after `name`, is private and
 * temporary. If `use` throws, the file stays and the error names it.
 *
 * @throws MemGPTError `interrupted` if the editor fails, `config_invalid` if it cannot be run. `use` is not called then.
 */
export async function editExternally<T>(
  text: string,
  name: string,
  use: (edited: string) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  // mkdtemp uses mode 0700.
  const folder = await mkdtemp(join(tmpdir(), "memgpt-edit-"));
  const file = join(folder, `${name.replace(/[^\w-]+/g, "_")}.txt`);
  let kept = false;
  try {
    await writeFile(file, text, { mode: 0o600 });
    await runEditor(file, signal);
    const saved = await readFile(file).catch((cause: unknown) => {
      throw new MemGPTError("interrupted", "The editor removed the file. Nothing was changed.", { cause });
    });
    kept = true;
    const result = await use(withoutExtras(saved, text));
    kept = false;
    return result;
  } catch (error) {
    // A session that ends also ends the editor, which may have saved what the person wrote.
    kept ||= signal.aborted;
    if (!kept || !(error instanceof MemGPTError)) throw error;
    throw new MemGPTError(error.code, `${error.message}\nYour text is in ${file}`, { cause: error });
  } finally {
    if (!kept) await rm(folder, { recursive: true, force: true });
  }
}

/** Through the shell, because `$EDITOR` may have arguments: `code --wait`. */
async function runEditor(file: string, signal: AbortSignal): Promise<void> {
  const windows = process.platform === "win32";
  const { VISUAL: visual = "", EDITOR: editor = "" } = process.env;
  const command = visual.trim() || editor.trim() || (windows ? "notepad" : "vi");
  const options = { stdio: "inherit", signal } as const;
  const child = windows
    ? spawn(`${command} "${file}"`, { ...options, shell: true })
    : spawn("/bin/sh", ["-c", `${command} "$1"`, "sh", file], options);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  signal.throwIfAborted();
  if (code === 0) return;
  if (NO_SUCH_COMMAND.has(code)) {
    const text = `The editor ${command} could not be started. Nothing was changed; set $VISUAL or $EDITOR to one that works.`;
    throw new MemGPTError("config_invalid", text);
  }
  const end = code === null ? "was killed" : `exited with ${code}`;
  throw new MemGPTError("interrupted", `The editor ${command} ${end}. Nothing was changed.`);
}

/** The saved text without what editors add: a byte order mark, `\r`, a final newline. */
function withoutExtras(saved: Uint8Array, before: string): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(saved);
  } catch (cause) {
    throw new MemGPTError("interrupted", "The saved text is not UTF-8. Nothing was changed.", { cause });
  }
  const lines = before.includes("\r") ? text : text.replaceAll("\r\n", "\n");
  return lines.endsWith("\n") && !before.endsWith("\n") ? lines.slice(0, -1) : lines;
}
