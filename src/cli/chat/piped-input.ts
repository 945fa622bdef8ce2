import { fstatSync } from "node:fs";
import { addAbortSignal } from "node:stream";
import { MemGPTError } from "../../errors.ts";

/** What one message may be long, in bytes. */
const MOST_BYTES = 16_000_000;

/** How long a program that gave us a channel is given to write to it, in milliseconds. */
const SILENCE_MS = 3_000;

/** When somebody who waits for the end of a pipe hears what is waited for, in milliseconds. */
const WAITING_MS = 2_000;

/**
 * What is piped in beside `-p TEXT`; empty in a terminal. A file or a pipe of a shell is read to its end. A socket, as
 * programs give to their children and `ssh` to its commands, is often left open and unused: where nothing comes for three
 * seconds, nothing is taken to come.
 *
 * @throws MemGPTError `invalid_input` if there is more than a message may hold; the signal's reason.
 */
export async function pipedInput(signal: AbortSignal): Promise<string> {
  const stats = fstatSync(0);
  if (process.stdin.isTTY || stats.isCharacterDevice()) return "";
  if (stats.isSocket() && !(await somethingComes(signal))) {
    process.stdin.destroy();
    process.stderr.write(
      "Nothing came on standard input within 3 s: the message is sent without it. (< /dev/null says so at once.)\n",
    );
    return "";
  }
  const waiting = setTimeout(() => {
    process.stderr.write("Waiting for the end of standard input, which is added to the message.\n");
  }, WAITING_MS);
  try {
    return await wholeInput(signal);
  } finally {
    clearTimeout(waiting);
  }
}

/** Standard input to its end. @throws as `pipedInput`. */
export async function wholeInput(signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of addAbortSignal(signal, process.stdin)) {
    const piece = Buffer.from(chunk as Uint8Array);
    bytes += piece.length;
    if (bytes > MOST_BYTES) {
      const most = `${MOST_BYTES / 1_000_000} MB`;
      throw new MemGPTError(
        "invalid_input",
        `Standard input holds more than the ${most} of one message. Nothing was sent.`,
      );
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Whether standard input has something to read, or its end, before the silence is over. */
async function somethingComes(signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      process.stdin.off("readable", onReadable);
      signal.removeEventListener("abort", onAbort);
      act();
    };
    const onReadable = (): void => {
      settle(() => {
        resolve(true);
      });
    };
    const onAbort = (): void => {
      settle(() => {
        reject(new MemGPTError("interrupted", "Interrupted while waiting for standard input. Nothing was sent."));
      });
    };
    const timer = setTimeout(() => {
      settle(() => {
        resolve(false);
      });
    }, SILENCE_MS);
    process.stdin.on("readable", onReadable);
    signal.addEventListener("abort", onAbort);
  });
}
