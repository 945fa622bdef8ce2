#!/usr/bin/env node
import { CommanderError } from "commander";
import { isClosedPipe } from "./terminal/closed-pipe.ts";
import { createProgram } from "./program.ts";

// A reader that has seen enough, such as `head`, closes the pipe: there is nobody left to tell. `run` ends on it too,
// but not where only what is said on standard error has no reader.
for (const output of [process.stdout, process.stderr]) {
  output.on("error", (error: Error) => {
    if (!isClosedPipe(error)) throw error;
  });
}

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has printed what it had to say.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const { reportError } = await import("./terminal/report-error.ts");
    process.exitCode = reportError(error, { debug: process.argv.includes("--debug") });
  }
}
