import { fstatSync } from "node:fs";
import { addAbortSignal } from "node:stream";
import { MemGPTError } from "../../errors.ts";

/** Most bytes of one message. */
const MOST_BYTES = 16_000_000;

/** Milliseconds to wait for the first byte from a socket. */
const SILENCE_MS = 3_000;

/** Milliseconds after which a line says that the end of the input is awaited. */
const WAITING_MS = 2_000;

/**
 * Input piped in along with `-p TEXT`; empty in a terminal. A file or a shell's pipe is read to its end. A socket, which
 * programs pass to their children and `ssh` to its commands, is often left open and unused: after three seconds of
 * silence it counts as empty.
 *
 * @throws MemGPTError `invalid_input` if the input is longer than a message may be; the signal's reason.
 */
export async function pipedInput(signal: AbortSignal): Promise<string> {
  const stats = fstatSync(0);
  if (process.stdin.isTTY || stats.isCharacterDevice()) return "";
  if (stats.isSocket() && !(await inputArrives(signal))) {
    process.stdin.destroy();
    process.stderr.write(
      "No input on standard input after 3 s; sending the message without it. (Redirect < /dev/null to skip the wait.)\n",
    );
    return "";
  }
  const waiting = setTimeout(() => {
    process.stderr.write("Waiting for the end of standard input, which will be added to the message.\n");
  }, WAITING_MS);
  try {
    return await wholeInput(signal);
  } finally {
    clearTimeout(waiting);
  }
}

/** All of standard input. @throws as `pipedInput`. */
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
        `Standard input is longer than ${most}, the most for one message. Nothing was sent.`,
      );
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Whether input, or its end, arrives before the silence is over. */
async function inputArrives(signal: AbortSignal): Promise<boolean> {
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
