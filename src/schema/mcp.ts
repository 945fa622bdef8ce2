import * as z from "zod";

/** A tool of a server as it was when a person added it. `as` is the name that agents call it by. */
export const mcpToolSchema = z.object({
  name: z.string(),
  as: z.string(),
  description: z.string(),
  parameters: z.record(z.string(), z.unknown()),
});
export type McpTool = Readonly<z.infer<typeof mcpToolSchema>>;

/** A server of tools: a command that is started, or a URL. */
export const mcpServerSchema = z.object({
  name: z.string(),
  command: z.array(z.string()).min(1).optional(),
  env: z.record(z.string(), z.string()).optional(),
  url: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  tools: z.array(mcpToolSchema),
});
export type McpServer = Readonly<z.infer<typeof mcpServerSchema>>;
