import { execFile } from "node:child_process";
import { join } from "node:path";
import {
  FaultControl,
  buildShim,
  faultyEnvironment,
  makeControlFile,
  missingForFaults,
} from "../../bench/faults/shim.ts";
import { temporaryFolder } from "../support/agents.ts";

/** Why faults cannot be injected here; undefined where they can. */
export const missing = await missingForFaults();

/** A process that has not been started: its calls fail as `control` says. */
export type FaultyProcess = {
  readonly control: FaultControl;
  /** Runs a TypeScript file to its end, whatever that is. */
  readonly run: (script: string, args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<Printed>;
};

type Printed = { readonly stdout: string; readonly stderr: string };

export async function faultyProcess(): Promise<FaultyProcess> {
  const folder = temporaryFolder();
  const file = join(folder, "control");
  const library = await buildShim(folder);
  makeControlFile(file);
  return {
    control: new FaultControl(file),
    run: (script, args, env = {}) =>
      new Promise((resolve) => {
        const options = { env: { ...faultyEnvironment(library, file), ...env } };
        execFile(process.execPath, ["--import", "tsx", script, ...args], options, (_, stdout, stderr) => {
          resolve({ stdout, stderr });
        });
      }),
  };
}
