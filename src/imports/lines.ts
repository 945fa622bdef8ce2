import * as z from "zod";
import { type ImportPlan, Malformed, conversation, facts, shaped, timeIn } from "./plan.ts";

const lineSchema = z.object({
  role: z.enum(["user", "assistant", "human", "ai", "system", "tool"]),
  content: z.string(),
  time: z.union([z.string(), z.number()]).nullish(),
  timestamp: z.union([z.string(), z.number()]).nullish(),
  created_at: z.union([z.string(), z.number()]).nullish(),
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
  const first = parsed(rows[0]);
  if (typeof first !== "object" || first === null) return undefined;
  if ("role" in first && "content" in first) return messages(rows);
  if ("type" in first && (first.type === "entity" || first.type === "relation")) return graph(rows);
  return undefined;
}

type Row = { readonly line: string; readonly place: string };

function messages(rows: readonly Row[]): ImportPlan {
  const found = rows.flatMap((row) => {
    const { role, content, name, ...times } = shaped(lineSchema, needed(row), row.place);
    if (role === "system" || role === "tool" || content.trim() === "") return [];
    const written = times.time ?? times.timestamp ?? times.created_at;
    const createdAt = timeIn(written);
    if (createdAt === undefined && written !== null && written !== undefined) {
      throw new Malformed(row.place, `${JSON.stringify(written)} is not a time; write it as ISO 8601`);
    }
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

/** Each entity with what was observed of it and how it relates to others is one passage. */
function graph(rows: readonly Row[]): ImportPlan {
  const entities = new Map<string, string[]>();
  const linesOf = (name: string): string[] => {
    const lines = entities.get(name) ?? [];
    entities.set(name, lines);
    return lines;
  };
  for (const row of rows) {
    const item = shaped(memorySchema, needed(row), row.place);
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

function needed(row: Row): unknown {
  const value = parsed(row);
  if (value === undefined) throw new Malformed(row.place, "it is not JSON");
  return value;
}

function parsed(row: Row | undefined): unknown {
  try {
    return row === undefined ? undefined : (JSON.parse(row.line) as unknown);
  } catch {
    return undefined;
  }
}
