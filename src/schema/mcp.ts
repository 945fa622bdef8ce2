import * as z from "zod";
import { once } from "./once.ts";

/** A tool of a server as it was when a person added it. `as` is the name that agents call it by. */
export const mcpToolSchema = once(() =>
  z.object({
    name: z.string(),
    as: z.string(),
    description: z.string(),
    parameters: z.record(z.string(), z.unknown()),
  }),
);
export type McpTool = Readonly<z.infer<ReturnType<typeof mcpToolSchema>>>;

/** A server of tools: a command that is started, or a URL. */
export const mcpServerSchema = once(() =>
  z.object({
    name: z.string(),
    command: z.array(z.string()).min(1).optional(),
    /** Where the command is started: paths in it are of there. */
    folder: z.string().optional(),
    env: z.record(z.string(), z.string()).optional(),
    url: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    tools: z.array(mcpToolSchema()),
  }),
);
export type McpServer = Readonly<z.infer<ReturnType<typeof mcpServerSchema>>>;
