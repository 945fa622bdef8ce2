import * as z from "zod";
import { type ImportPlan, facts, shaped, timeIn } from "./plan.ts";

const memorySchema = z.object({
  memory: z.string(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
});

/** The list in what Mem0's API and export give: bare, or as `results` or `memories`. */
function listIn(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if ("results" in value) return value.results;
  return "memories" in value ? value.memories : undefined;
}

export function isMem0(value: unknown): boolean {
  const list = listIn(value);
  const [first] = Array.isArray(list) ? (list as unknown[]) : [];
  return typeof first === "object" && first !== null && "memory" in first;
}

export function readMem0(value: unknown): ImportPlan {
  const memories = shaped(z.array(memorySchema), listIn(value));
  const passages = memories
    .filter(({ memory }) => memory.trim() !== "")
    .map(({ memory, created_at, updated_at }) => ({ text: memory, createdAt: timeIn(updated_at ?? created_at) }));
  return facts("Mem0 export", passages);
}
