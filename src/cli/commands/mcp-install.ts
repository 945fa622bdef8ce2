import { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { MemGPTError } from "../../index.ts";
import { oneLine } from "../terminal/one-line.ts";
import { MCP_CLIENTS, type McpClientName } from "./mcp-clients.ts";

const NAME = "memgpt";

/** Shows the entry to add to the program's configuration, asks, and adds it. A second run changes nothing. */
export async function installMcp(
  client: McpClientName,
  { agent, yes = false }: { readonly agent: string; readonly yes?: boolean },
): Promise<void> {
  const { file: relative, form } = MCP_CLIENTS[client];
  const named = join(homedir(), relative);
  const file = existingPath(named);
  const before = readText(file);
  // The program that runs now: `memgpt` may not be on the other program's path.
  const server = { command: process.execPath, args: [process.argv[1] ?? "memgpt", "mcp", "serve", "--agent", agent] };
  const after = form === "json" ? withJsonServer(before, server, named) : withTomlServer(before, server);
  if (after === before) {
    process.stdout.write(`${oneLine(named)} already has it.\n`);
    return;
  }
  const shown = form === "json" ? JSON.stringify({ mcpServers: { [NAME]: server } }, null, 2) : tomlOf(server);
  process.stdout.write(`${oneLine(named)} will also contain:\n\n${shown.trim()}\n\n`);
  if (!(yes || (await confirmWrite()))) {
    process.stdout.write("Nothing was written.\n");
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.memgpt-${process.pid}`;
  writeFileSync(temporary, after, { mode: modeOf(file) });
  renameSync(temporary, file);
  process.stdout.write(`Written. Restart ${client} to give it the memory of ${oneLine(agent)}.\n`);
}

type Server = { readonly command: string; readonly args: readonly string[] };

/** @throws MemGPTError `config_invalid` for a file that cannot be read as JSON: it is left alone. */
function withJsonServer(before: string, server: Server, file: string): string {
  let config: unknown;
  try {
    config = before.trim() === "" ? {} : JSON.parse(before);
  } catch (cause) {
    throw new MemGPTError("config_invalid", `${file} is not JSON. Nothing was written; repair it first.`, { cause });
  }
  if (!isRecord(config)) throw new MemGPTError("config_invalid", `${file} is not a JSON object. Nothing was written.`);
  const servers = isRecord(config["mcpServers"]) ? config["mcpServers"] : {};
  if (JSON.stringify(servers[NAME]) === JSON.stringify(server)) return before;
  return `${JSON.stringify({ ...config, mcpServers: { ...servers, [NAME]: server } }, null, 2)}\n`;
}

/** Replaces our table, or appends it; the rest of the file stays as its owner wrote it. */
function withTomlServer(before: string, server: Server): string {
  const ours = tomlOf(server);
  const table = /^\[mcp_servers\.memgpt\][^\n]*\n(?:(?!\[)[^\n]*(?:\n|$))*/m;
  if (table.test(before)) return before.replace(table, () => ours);
  const separator = before === "" ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  return `${before}${separator}${ours}`;
}

/** A JSON string is also a TOML string. */
function tomlOf({ command, args }: Server): string {
  return `[mcp_servers.${NAME}]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\n`;
}

async function confirmWrite(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new MemGPTError(
      "invalid_input",
      "Writing needs confirmation. Nothing was written; pass --yes to write without it.",
    );
  }
  const { default: confirm } = await import("@inquirer/confirm");
  return confirm({ message: "Write it?" });
}

/** The file behind a link, so that writing does not replace the link. */
function existingPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

function modeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mode ?? 0o600;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
