import * as z from "zod";
import { type ImportPlan, facts, shaped, someItemHas, timeIn, timeSchema } from "./plan.ts";

const memorySchema = z.object({
  memory: z.string(),
  created_at: timeSchema.nullish(),
  updated_at: timeSchema.nullish(),
});

/** The list in the output of Mem0's API or export: bare, or in `results` or `memories`. */
function listIn(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if ("results" in value) return value.results;
  return "memories" in value ? value.memories : undefined;
}

export function isMem0(value: unknown): boolean {
  return someItemHas(listIn(value), "memory");
}

export function readMem0(value: unknown): ImportPlan {
  const memories = shaped(z.array(memorySchema), listIn(value));
  const passages = memories
    .filter(({ memory }) => memory.trim() !== "")
    .map(({ memory, created_at, updated_at }) => ({ text: memory, createdAt: timeIn(updated_at ?? created_at) }));
  return facts("Mem0 export", passages);
}
