import { programVersion } from "../../version.ts";
import { openBrowser } from "./browser.ts";

export type ServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly home?: string;
  readonly address?: string;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly strict?: boolean;
  readonly rate: number;
  readonly mostOpen: number;
  readonly quiet?: boolean;
  /** Whether to open the page in a browser. */
  readonly open?: boolean;
};

/** Serves until the process is asked to end, then lets turns end and closes every agent. @returns the exit code. */
export async function runServer(options: ServerOptions): Promise<number> {
  const { serve } = await import("../../server/serve.ts");
  const {
    host,
    port,
    home,
    address,
    allowHost,
    allowOrigin,
    strict,
    rate,
    mostOpen,
    quiet = false,
    open = false,
  } = options;
  const server = await serve({
    host,
    port,
    rate,
    mostOpen,
    dir: home,
    address,
    strict,
    allowHosts: allowHost,
    allowOrigins: allowOrigin,
    version: programVersion(),
    log: quiet ? undefined : log,
  });
  process.stdout.write(`memgpt serves at ${server.url} (routes: ${server.url}/docs). Ctrl-C stops it.\n`);
  if (open && !(await openBrowser(`${server.url}/`))) {
    process.stderr.write(`No browser was found. The page is at ${server.url}/\n`);
  }
  return new Promise((resolve) => {
    const stop = (): void => {
      // A second signal ends the process at once.
      process.off("SIGINT", stop).off("SIGTERM", stop);
      void server.close().then(() => {
        resolve(0);
      });
    };
    process.once("SIGINT", stop).once("SIGTERM", stop);
  });
}

function log(entry: Readonly<Record<string, unknown>>): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}
