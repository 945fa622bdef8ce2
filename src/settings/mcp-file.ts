import { readFileSync } from "node:fs";
import * as z from "zod";
import { once } from "../schema/once.ts";
import { MemGPTError, describe } from "../errors.ts";
import { type McpServer, mcpServerSchema } from "../schema/mcp.ts";
import { writeFileAtomic } from "../storage/files/atomic.ts";
import { exclusively } from "../storage/files/exclusive.ts";
import type { Home } from "../storage/files/paths.ts";
import { parseObject } from "./json-object.ts";

const fileSchema = once(() => z.object({ servers: z.array(mcpServerSchema()) }));

/** The configured MCP servers. @throws MemGPTError `config_invalid` if the file is damaged. */
export function readMcpServers({ mcpFile }: Pick<Home, "mcpFile">): readonly McpServer[] {
  let text: string;
  try {
    text = readFileSync(mcpFile, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw invalid(mcpFile, describe(error), error);
  }
  try {
    const parsed = fileSchema().safeParse(parseObject(text));
    if (parsed.success) return parsed.data.servers;
    // Zod's message may quote a header with a key.
    throw new Error(`${parsed.error.issues[0]?.path.join(".") ?? "it"} is not valid`);
  } catch (error) {
    throw invalid(mcpFile, describe(error), error);
  }
}

/** Changes the file, which only its owner can read: headers and variables may hold keys. @throws MemGPTError. */
export function changeMcpServers(
  { mcpFile }: Pick<Home, "mcpFile">,
  change: (servers: readonly McpServer[]) => readonly McpServer[],
): void {
  exclusively(mcpFile, () => {
    const servers = change(readMcpServers({ mcpFile }));
    writeFileAtomic(mcpFile, `${JSON.stringify({ servers }, null, 2)}\n`);
  });
}

function invalid(file: string, reason: string, cause: unknown): MemGPTError {
  return new MemGPTError(
    "config_invalid",
    `${file} cannot be used: ${reason}. No MCP servers are available until it is repaired.`,
    {
      cause,
    },
  );
}
