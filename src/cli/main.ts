#!/usr/bin/env node
import { CommanderError } from "commander";
import { createProgram } from "./program.ts";

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has printed what it had to say.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const { reportError } = await import("./report-error.ts");
    process.exitCode = reportError(error, { debug: process.argv.includes("--debug") });
  }
}
