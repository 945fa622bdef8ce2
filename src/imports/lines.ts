import * as z from "zod";
import { type ImportPlan, Malformed, conversation, facts, shaped, timeIn, timeSchema } from "./plan.ts";

const lineSchema = z.object({
  role: z.enum(["user", "assistant", "human", "ai", "system", "tool"]),
  content: z.string(),
  time: timeSchema.nullish(),
  timestamp: timeSchema.nullish(),
  created_at: timeSchema.nullish(),
  name: z.string().nullish(),
});

const memorySchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("entity"),
    name: z.string(),
    entityType: z.string().default(""),
    observations: z.array(z.string()).default([]),
  }),
  z.object({ type: z.literal("relation"), from: z.string(), to: z.string(), relationType: z.string() }),
]);

/** JSON lines: messages of `{role, content, time}`, or the graph of the reference memory server for MCP. */
export function readLines(text: string): ImportPlan | undefined {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line, place: `line ${index + 1}` }));
  const rows = lines.filter(({ line }) => line.trim() !== "");
  const [row] = rows;
  const first = parsed(row);
  // If the other lines are valid, a broken first line is an error, not another format.
  if (
    first === undefined &&
    row !== undefined &&
    rows.length > 1 &&
    rows.slice(1).every((other) => isObject(parsed(other)))
  ) {
    throw new Malformed(row.place, NOT_JSON);
  }
  if (typeof first !== "object" || first === null) return undefined;
  if ("role" in first && "content" in first) return messages(rows);
  if ("type" in first && (first.type === "entity" || first.type === "relation")) return graph(rows);
  return undefined;
}

const NOT_JSON = "it is not JSON";

type Row = { readonly line: string; readonly place: string };

function messages(rows: readonly Row[]): ImportPlan {
  const found = rows.flatMap((row) => {
    const { role, content, name, ...times } = shaped(lineSchema, valueOf(row), row.place);
    if (role === "system" || role === "tool" || content.trim() === "") return [];
    const createdAt = timeIn(times.time ?? times.timestamp ?? times.created_at);
    const who = name === null || name === undefined || name.trim() === "" ? undefined : name;
    return [
      {
        role: role === "user" || role === "human" ? ("user" as const) : ("assistant" as const),
        text: content,
        createdAt,
        name: who,
      },
    ];
  });
  return conversation("messages as JSON lines", found, 1);
}

/** Each entity becomes one passage, with its observations and relations. */
function graph(rows: readonly Row[]): ImportPlan {
  const entities = new Map<string, string[]>();
  const linesOf = (name: string): string[] => {
    const lines = entities.get(name) ?? [];
    entities.set(name, lines);
    return lines;
  };
  for (const row of rows) {
    const item = shaped(memorySchema, valueOf(row), row.place);
    if (item.type === "relation") {
      linesOf(item.from).push(`${item.from} ${item.relationType.replaceAll("_", " ")} ${item.to}.`);
    } else {
      const kind = item.entityType === "" ? [] : [`${item.name} is a ${item.entityType.replaceAll("_", " ")}.`];
      linesOf(item.name).unshift(...kind, ...item.observations);
    }
  }
  const passages = [...entities].map(([name, lines]) => ({ text: `${name}\n${lines.join("\n")}`.trim() }));
  return facts("knowledge graph of the MCP memory server", passages);
}

function valueOf(row: Row): unknown {
  const value = parsed(row);
  if (value === undefined) throw new Malformed(row.place, NOT_JSON);
  return value;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(row: Row | undefined): unknown {
  try {
    return row === undefined ? undefined : (JSON.parse(row.line) as unknown);
  } catch {
    return undefined;
  }
}
