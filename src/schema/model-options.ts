import * as z from "zod";
import { once } from "./once.ts";

/**
 * How to talk to a model, stored with the agent. `auto` finds out. Keep secrets out of `headers`: every checkpoint stores
 * them.
 */
export const modelOptionsSchema = once(() =>
  z.object({
    /** `native`: the server's own function calling; `json`: functions described in the prompt, answers in JSON. */
    functionCalling: z.enum(["auto", "native", "json"]).default("auto"),
    /** Where the model writes its inner monologue: beside a call, or as a parameter of every function. */
    innerThoughts: z.enum(["auto", "content", "parameter"]).default("auto"),
    /** Whether every request ends with a reminder of how to act, for models that forget. */
    reminders: z.boolean().default(false),
    stream: z.boolean().default(true),
    temperature: z.number().min(0).max(2).nullable().default(null),
    topP: z.number().gt(0).max(1).nullable().default(null),
    seed: z.number().int().nullable().default(null),
    maxTokensField: z.enum(["auto", "max_tokens", "max_completion_tokens"]).default("auto"),
    /** `api-version` of an Azure deployment. */
    apiVersion: z.string().nullable().default(null),
    /** Sent with every request, in addition to memgpt's own. */
    headers: z.record(z.string(), z.string()).default({}),
    /** Merged into the body of every request, over memgpt's own fields. */
    body: z.record(z.string(), z.unknown()).default({}),
  }),
);
export type ModelOptions = z.infer<ReturnType<typeof modelOptionsSchema>>;
