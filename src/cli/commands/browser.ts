import { spawn } from "node:child_process";

/** The program that opens an address on each system, unless BROWSER names another. */
const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Opens an address in the person's browser. @returns whether a program could be started. */
export async function openBrowser(url: string, env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const { BROWSER: chosen = "" } = env;
  const [program = "", ...args] = chosen === "" ? (OPENERS[process.platform] ?? ["xdg-open"]) : [chosen];
  return new Promise((resolve) => {
    const opener = spawn(program, [...args, url], { stdio: "ignore", detached: true });
    opener.once("error", () => {
      resolve(false);
    });
    opener.once("spawn", () => {
      opener.unref();
      resolve(true);
    });
  });
}
