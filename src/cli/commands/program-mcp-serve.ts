import type { Command } from "commander";
import { MCP_CLIENTS, type McpClientName } from "./mcp-clients.ts";

/** The memory of an agent for other programs, by the Model Context Protocol. */
export function addMcpServe(program: Command): void {
  const mcp = program.commands.find((command) => command.name() === "mcp") ?? program.command("mcp");
  mcp
    .command("serve")
    .description("serve an agent's memory to another program over standard input and output")
    .option("--agent <name>", "agent; created if missing", "memgpt")
    .option("--home <folder>", "home directory (default: MEMGPT_DIR or ~/.memgpt)")
    .action(async ({ agent, home }: { agent: string; home?: string }) => {
      const { serveMcpStdio } = await import("../../server/mcp/stdio.ts");
      await serveMcpStdio({ dir: home, agent });
    });
  mcp
    .command("install")
    .description("add an agent's memory to another program's configuration, after showing what is written")
    .addArgument(mcp.createArgument("<client>", "program that gets the memory").choices(Object.keys(MCP_CLIENTS)))
    .option("--agent <name>", "agent whose memory it gets", "memgpt")
    .option("-y, --yes", "write without asking")
    .action(async (client: McpClientName, options: { agent: string; yes?: boolean }) => {
      const { installMcp } = await import("./mcp-install.ts");
      await installMcp(client, options);
    });
}
