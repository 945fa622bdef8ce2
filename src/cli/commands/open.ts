import { openBrowser } from "./browser.ts";
import { type ServerOptions, runServer } from "./server.ts";

/** Generous, because a server may be busy. Without a server the connection fails at once. */
const ANSWER_WITHIN_MS = 5000;

/** Opens the page of the server that runs here, or starts one. @returns the exit code. */
export async function openPage(options: ServerOptions): Promise<number> {
  const { host, port } = options;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (port === 0 || !(await isServed(url))) return runServer({ ...options, open: true, quiet: true });
  const isOpen = await openBrowser(`${url}/`);
  process.stdout.write(isOpen ? `The page is at ${url}/\n` : `No browser was found. The page is at ${url}/\n`);
  return 0;
}

/** Whether a server of this program answers there. */
async function isServed(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const { name } = (await response.json()) as { readonly name?: unknown };
    return name === "memgpt";
  } catch {
    return false;
  }
}
