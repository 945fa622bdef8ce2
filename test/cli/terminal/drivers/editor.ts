import { History } from "../../../../src/cli/terminal/history.ts";
import { LineEditor } from "../../../../src/cli/terminal/line-editor.ts";

/** Reads texts with the line editor and prints each result, until `eof`. Takes a JSON object of options. */
type Options = {
  historyPath?: string;
  multiline?: boolean;
  /** Initial text of the first read. */
  initial?: string;
  abortOn?: "SIGUSR1";
  pause?: boolean;
  /** How long the program is blocked when the first read begins, in milliseconds. */
  blockedMs?: number;
};

const given: Options = JSON.parse(process.argv[2] ?? "{}");
const { historyPath, multiline = false, abortOn, pause = false, blockedMs = 0 } = given;
let { initial } = given;
const COMMANDS = ["/save", "/sources", "/summarize", "/exit"];
const editor = new LineEditor({
  input: process.stdin,
  output: process.stdout,
  history: new History(historyPath),
  complete(line) {
    if (line === "/throw") throw new Error("no completion");
    return COMMANDS.filter((command) => command.startsWith(line));
  },
});

for (;;) {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(new Error("aborted"));
  };
  if (abortOn !== undefined) process.once(abortOn, abort);
  try {
    const draft = initial === undefined ? {} : { initial };
    initial = undefined;
    const read = editor.read({ prompt: "> ", multiline, signal: controller.signal, ...draft });
    if (draft.initial !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockedMs);
    const result = await read;
    console.log(`=${ascii(JSON.stringify(result))} raw=${String(process.stdin.isRaw)}`);
    if (result.type === "eof") break;
    if (pause) {
      const alive = setInterval(() => undefined, 1_000);
      const told = new Promise((resolve) => process.once("SIGUSR2", resolve));
      console.log("busy");
      await told;
      clearInterval(alive);
    }
  } catch (error) {
    console.log(`!${error instanceof Error ? error.message : ""} raw=${String(process.stdin.isRaw)}`);
  }
}

/** Escapes characters that act on a terminal but that JSON leaves alone. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\u009f\u202a-\u202e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
