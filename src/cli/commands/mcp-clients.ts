/** Programs whose configuration `mcp install` writes, with its path below the person's home folder. */
export const MCP_CLIENTS = {
  "claude-code": { file: ".claude.json", form: "json" },
  cursor: { file: ".cursor/mcp.json", form: "json" },
  codex: { file: ".codex/config.toml", form: "toml" },
} as const;
export type McpClientName = keyof typeof MCP_CLIENTS;
