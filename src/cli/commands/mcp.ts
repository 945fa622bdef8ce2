import { type McpAddress, MemGPTError } from "../../index.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { print, warn } from "../terminal/print.ts";
import { wholeInput } from "../chat/piped-input.ts";

export type AddOptions = { readonly env?: readonly string[]; readonly header?: readonly string[] };

/** `memgpt mcp add NAME URL` or `memgpt mcp add NAME -- COMMAND…`. */
export async function addServer(name: string, address: readonly string[], options: AddOptions): Promise<void> {
  const memgpt = await openHome();
  const { server, problems } = await memgpt.mcp.add(name, await addressOf(address, options));
  for (const problem of problems) warn(problem);
  const names = server.tools.map(({ as }) => as).join(", ");
  print(`Added ${name} with ${counted(server.tools.length, "tool")}: ${names}`);
  print(`Give them to an agent: memgpt functions add AGENT mcp:${name}, or mcp:${name}/TOOL for one.`);
}

async function addressOf([first = "", ...rest]: readonly string[], { env, header }: AddOptions): Promise<McpAddress> {
  const isUrl = rest.length === 0 && /^https?:\/\//i.test(first);
  if (isUrl && env !== undefined) throw invalid("--env is for a command, not for a URL.");
  if (!isUrl && header !== undefined) throw invalid("--header is for a URL, not for a command.");
  if (!isUrl) return { command: [first, ...rest], env: env === undefined ? undefined : pairs(env, "=", "--env") };
  if (header === undefined) return { url: first };
  const lines = await Promise.all(
    header.map(async (text) => (text === "-" ? linesOf(await wholeInput(new AbortController().signal)) : [text])),
  );
  return { url: first, headers: pairs(lines.flat(), ":", "--header") };
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

/** Its error never repeats the text, which may hold a key. */
function pairs(texts: readonly string[], separator: string, flag: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf(separator);
      if (at < 1) throw invalid(`${flag} must be NAME${separator}VALUE.`);
      return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    }),
  );
}

function invalid(text: string): MemGPTError {
  return new MemGPTError("invalid_input", `${text} Nothing was changed.`);
}

/** `memgpt mcp list`. Shows the names of variables and headers, never their values. */
export async function listServers({ json = false }: { json?: boolean }): Promise<void> {
  const servers = (await openHome()).mcp.list();
  if (json) {
    const shown = servers.map(({ name, command, url, env = {}, headers = {}, tools }) => ({
      name,
      ...(url === undefined ? { command } : { url }),
      secrets: [...Object.keys(env), ...Object.keys(headers)],
      tools: tools.map(({ name: tool, as, description }) => ({ name: tool, as, description })),
    }));
    process.stdout.write(`${jsonText(shown, 2)}\n`);
    return;
  }
  if (servers.length === 0)
    print("No MCP servers yet; `memgpt mcp add NAME -- COMMAND` or `memgpt mcp add NAME URL` adds one.");
  for (const { name, command = [], url, tools } of servers) {
    print(
      `${name}: ${url ?? command.join(" ")} (${counted(tools.length, "tool")}: ${tools.map(({ as }) => as).join(", ")})`,
    );
  }
}

/** `memgpt mcp test NAME`. @returns the exit code: 1 if tools have changed. */
export async function testServer(name: string): Promise<number> {
  const { tools, added, changed, removed } = await (await openHome()).mcp.test(name);
  print(`${name} answers with ${counted(tools.length, "tool")}.`);
  for (const [what, names] of Object.entries({ New: added, Changed: changed, Gone: removed })) {
    if (names.length > 0) print(`${what}: ${names.join(", ")}`);
  }
  if (added.length + changed.length + removed.length === 0) return 0;
  print(`Changed tools are not called. \`memgpt mcp add ${name} …\` accepts the tools as they are now.`);
  return 1;
}

/** `memgpt mcp remove NAME`. */
export async function removeServer(name: string): Promise<void> {
  (await openHome()).mcp.remove(name);
  print(`Removed ${name}.`);
}
