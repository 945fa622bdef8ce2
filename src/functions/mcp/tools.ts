import * as z from "zod";
import { once } from "../../schema/once.ts";
import type { McpServer, McpTool } from "../../schema/mcp.ts";
import { findSuspicion } from "../../trust/poison/find-suspicion.ts";
import { type AgentFunction, LONGEST_NAME, REQUEST_HEARTBEAT } from "../define.ts";
import type { McpConnection, OfferedTool } from "./connection.ts";

/** Most characters of a description shown to the model. */
const LONGEST_DESCRIPTION = 1000;
/** Most characters of a result. */
const LONGEST_RESULT = 20_000;
/** Most tools of one server. */
const MOST_TOOLS = 200;

/** The functions of a server. Each counts as acting outside memory, whatever the server claims. */
export function functionsOf({ name: server, tools }: McpServer, connection: McpConnection): AgentFunction[] {
  return tools.map((tool) => ({
    name: tool.as,
    alias: `mcp:${server}/${tool.name}`,
    kind: "outside_effect",
    schema: {
      name: tool.as,
      description: tool.description.slice(0, LONGEST_DESCRIPTION),
      parameters: withHeartbeat(tool.parameters),
    },
    async call(args, { signal }) {
      const known: OfferedTool = { name: tool.name, description: tool.description, inputSchema: tool.parameters };
      const given = typeof args === "object" && args !== null ? { ...args } : {};
      return { output: textOf(await connection.call(known, given, signal)) };
    },
  }));
}

function withHeartbeat(parameters: McpTool["parameters"]): Record<string, unknown> {
  const { properties, required } = parameters;
  const own = typeof properties === "object" && properties !== null ? properties : {};
  const needed: unknown[] = Array.isArray(required) ? required : [];
  return {
    ...parameters,
    type: "object",
    properties: { ...own, request_heartbeat: REQUEST_HEARTBEAT },
    required: [...needed, "request_heartbeat"],
  };
}

const resultSchema = once(() =>
  z.object({
    content: z.array(z.looseObject({ type: z.string() })).default([]),
    structuredContent: z.unknown().optional(),
    isError: z.boolean().optional(),
  }),
);

/** A result as the model reads it. @throws Error if the tool failed, or the answer has no known shape. */
function textOf(result: unknown): string {
  const parsed = resultSchema().safeParse(result);
  if (!parsed.success) throw new Error("the MCP server's answer is not the result of a tool");
  const { content, structuredContent, isError = false } = parsed.data;
  const parts = content.map(partText);
  const text =
    parts.length === 0 && structuredContent !== undefined ? JSON.stringify(structuredContent) : parts.join("\n");
  const more = text.length - LONGEST_RESULT;
  const shown = more > 0 ? `${text.slice(0, LONGEST_RESULT)}… (${more} more characters)` : text;
  if (isError) throw new Error(shown === "" ? "the tool failed without saying why" : shown);
  return shown;
}

function partText(part: { readonly type: string; readonly [key: string]: unknown }): string {
  const { type, text, resource, uri } = part;
  if (type === "text" && typeof text === "string") return text;
  if (typeof resource === "object" && resource !== null && "text" in resource && typeof resource.text === "string") {
    return resource.text;
  }
  return typeof uri === "string" ? `[${type}: ${uri}]` : `[${type}, which cannot be shown as text]`;
}

/** The tools of a server under free names, and what was left out and why, for a person to read. */
export function toolsOf(
  server: string,
  offered: readonly OfferedTool[],
  taken: readonly string[],
): { readonly tools: readonly McpTool[]; readonly problems: readonly string[] } {
  const problems =
    offered.length > MOST_TOOLS ? [`Only the first ${MOST_TOOLS} of ${offered.length} tools are used.`] : [];
  const names = new Set(taken);
  const tools: McpTool[] = [];
  for (const { name, description = "", inputSchema: parameters } of offered.slice(0, MOST_TOOLS)) {
    const suspicion = findSuspicion(`${description}\n${JSON.stringify(parameters)}`);
    const as = [callable(name), callable(`${server}_${name}`)].find((candidate) => !names.has(candidate));
    if (suspicion !== undefined) {
      problems.push(
        `${name} is left out: its description reads like instructions to the agent (${suspicion.excerpt}).`,
      );
    } else if (as === undefined) {
      problems.push(`${name} is left out: another function has its name.`);
    } else {
      names.add(as);
      tools.push({ name, as, description, parameters });
    }
  }
  return { tools, problems };
}

/** A name that models can call. */
function callable(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, LONGEST_NAME);
  return /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`.slice(0, LONGEST_NAME);
}
