import type { Command } from "commander";
import { repeated } from "./argument-types.ts";
import type { AddOptions } from "./mcp.ts";

const mcp = () => import("./mcp.ts");

/** `memgpt mcp …`. */
export function addMcp(program: Command): void {
  const servers = program
    .command("mcp")
    .description("give agents the tools of MCP servers, and other programs an agent's memory");
  servers
    .command("add")
    .description("add a server, or replace it: a command after --, or a URL")
    .usage("[options] <name> <url | -- command...>")
    .argument("<name>", "server")
    .argument("<address...>", "URL, or command with its arguments")
    .option("--env <NAME=VALUE>", "environment variable of the command; repeat for more", repeated)
    .option(
      "--header <header>",
      'header for the URL, such as "Authorization: Bearer KEY"; - reads them from standard input',
      repeated,
    )
    .action(async (name: string, address: readonly string[], options: AddOptions) => {
      await (await mcp()).addServer(name, address, options);
    });
  servers
    .command("list")
    .description("list the servers and their tools")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      await (await mcp()).listServers(options);
    });
  servers
    .command("test")
    .description("connect to a server and compare its tools with what was added")
    .argument("<name>", "server")
    .action(async (name: string) => {
      process.exitCode = await (await mcp()).testServer(name);
    });
  servers
    .command("remove")
    .description("forget a server")
    .argument("<name>", "server")
    .action(async (name: string) => {
      await (await mcp()).removeServer(name);
    });
}
