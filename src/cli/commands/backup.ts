import { type BackedUpAgent, shownTime } from "../../index.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { print, warn } from "../terminal/print.ts";

type Options = { readonly force?: boolean; readonly json?: boolean };

/** `memgpt backup [NAME|--all] FILE`. */
export async function backup(names: readonly string[] | "all", file: string, { force, json }: Options): Promise<void> {
  const memgpt = await openHome();
  const report = await stoppable((signal) => memgpt.backups.write(names, file, { force, signal }));
  if (json === true) process.stdout.write(`${jsonText(report, 2)}\n`);
  else print(`Backed up ${counted(report.agents.length, "agent")} to ${file}:`, ...report.agents.map(line));
}

/** `memgpt restore-backup FILE`. */
export async function restoreBackup(
  file: string,
  { json, ...options }: Options & { readonly verify?: boolean; readonly as?: string },
): Promise<void> {
  const memgpt = await openHome();
  const report = await stoppable((signal) => memgpt.backups.restore(file, { ...options, signal }));
  if (json === true) {
    process.stdout.write(`${jsonText(report, 2)}\n`);
    return;
  }
  const what = counted(report.agents.length, "agent");
  const done =
    options.verify === true
      ? `${file} is intact; it holds ${what} as of ${shownTime(report.at)}:`
      : `Restored ${what} as of ${shownTime(report.at)}:`;
  print(done, ...report.agents.map(line));
  for (const notice of report.notices) warn(notice);
}

/** Runs `work` with a signal that Ctrl-C aborts. */
async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, stop } = onInterrupt();
  try {
    return await work(signal);
  } finally {
    stop();
  }
}

function line({ name, messages, passages, checkpoints }: BackedUpAgent): string {
  const counts = [counted(messages, "message"), counted(passages, "passage"), counted(checkpoints, "checkpoint")];
  return `  ${name}: ${counts.join(", ")}`;
}
