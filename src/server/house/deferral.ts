import type { FunctionSchema, SendOptions } from "../../index.ts";
import type { AgentEntry } from "./agents.ts";
import type { Owner } from "./owners.ts";
import type { ToolEntry } from "./tools.ts";

/** The calls that the client of a turn answers or approves. */
export type Deferral = Pick<SendOptions, "deferred" | "approve">;

/** A tool defined in a request. */
export type ClientTool = {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | null | undefined;
};

/** Names that every model's server accepts. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/**
 * The tools stored for an agent and those of a request, none of which the server runs, and the agent's own functions whose
 * calls need approval.
 */
export async function deferralOf(
  owner: Owner,
  entry: AgentEntry,
  clientTools: readonly ClientTool[],
  warnings: string[],
): Promise<Deferral> {
  const kept = (await owner.tools.of([], entry.tools)).filter(({ isBuiltIn }) => !isBuiltIn);
  const tools = [...kept.map(schemaOf), ...clientTools.map(schemaOf)];
  for (const { name } of tools) if (!NAME.test(name)) warnings.push(`No model can call a tool named ${name}.`);
  return { deferred: tools.filter(({ name }) => NAME.test(name)), approve: approvedNames(entry) };
}

/** The functions that need approval, by the agent's settings and its tool rules. */
function approvedNames({ approvals, toolRules }: AgentEntry): string[] {
  const ruled = toolRules.flatMap((rule) => {
    const { type, tool_name: name } = Object(rule) as Readonly<Record<string, unknown>>;
    return type === "requires_approval" && typeof name === "string" ? [name] : [];
  });
  return [...new Set([...approvals, ...ruled])];
}

function schemaOf(tool: ClientTool | ToolEntry): FunctionSchema {
  const { name, description } = tool;
  const given = "jsonSchema" in tool ? tool.jsonSchema?.["parameters"] : tool.parameters;
  const parameters = typeof given === "object" && given !== null ? (given as Readonly<Record<string, unknown>>) : {};
  return { name, description: description ?? "", parameters: { type: "object", properties: {}, ...parameters } };
}
