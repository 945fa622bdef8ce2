import { CommanderError } from "commander";
import * as z from "zod";
import { MemGPTError } from "../errors.ts";
import { isClosedPipe } from "./terminal/closed-pipe.ts";
import { signpost } from "./commands/signposts.ts";
import { createProgram } from "./program.ts";

// zod compiles its checks by default, which takes 12 ms: too long for checks that a command runs once or twice.
z.config({ jitless: true });

// A reader such as `head` closes the pipe once it has seen enough: nobody is left to read an error. `run` ends then, too,
// but not when only standard error has lost its reader. Any other write error, such as a full disk, is a failure.
let isLost = false;
for (const output of [process.stdout, process.stderr]) {
  output.on("error", (error: Error) => {
    if (isClosedPipe(error) || isLost) return;
    isLost = true;
    process.on("exit", () => {
      process.exitCode ||= 1;
    });
    if (output === process.stderr) return;
    process.stderr.write(
      `memgpt: Standard output cannot be written (${error.message}). What was stored until then is kept.\n`,
    );
  });
}

try {
  const words = process.argv.slice(2);
  const program = await createProgram(words[0]);
  const sign = signpost(program, words);
  if (sign !== undefined) throw new MemGPTError("invalid_input", sign);
  await program.parseAsync();
} catch (error) {
  const { EXIT_CODES, printError, reportError } = await import("./terminal/report-error.ts");
  if (error instanceof CommanderError) {
    // Commander has printed the error as text, but not as JSON.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_CODES.invalid_input;
    if (error.exitCode !== 0 && wantsJson(process.argv))
      printError("invalid_input", error.message.replace(/^error: /, ""), "nothing");
  } else {
    process.exitCode = reportError(error, { debug: process.argv.includes("--debug"), json: wantsJson(process.argv) });
  }
}

/** Whether an invalid command line asks for a JSON format. */
function wantsJson(words: readonly string[]): boolean {
  return words.some(
    (word, index) =>
      /^--output-format(=|$)/.test(word) && /json$/.test(word.includes("=") ? word : (words[index + 1] ?? "")),
  );
}
