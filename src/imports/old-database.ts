import * as z from "zod";
import { blockOf, callSchema, speechIn } from "./old-state.ts";
import { objectIn } from "./packed.ts";
import { type FoundBlock, type ImportPlan, Malformed, shaped, timeIn } from "./plan.ts";
import { counted } from "../schema/counted.ts";

// Rows of MemGPT 0.3. Its later versions store core memory in sections, with the prompt beside it.

const agentSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  system: z.string().nullish(),
});

const sectionsSchema = z.record(
  z.string(),
  z.union([
    z.string(),
    z.object({ value: z.string(), limit: z.number().int().positive().nullish(), description: z.string().nullish() }),
  ]),
);

const stateSchema = z.object({
  system: z.string().nullish(),
  persona: z.string().nullish(),
  human: z.string().nullish(),
  memory: z.union([z.object({ memory: sectionsSchema }).transform(({ memory }) => memory), sectionsSchema]).nullish(),
  messages: z.array(z.string()).nullish(),
});

const messageSchema = z.object({
  id: z.string(),
  agent_id: z.string(),
  role: z.string(),
  text: z.string().nullish(),
  tool_calls: z.string().nullish(),
  created_at: z.string().nullish(),
});

const passageSchema = z.object({ agent_id: z.string(), text: z.string(), created_at: z.string().nullish() });

const ownerSchema = z.object({ agent_id: z.string() });
const nameSchema = z.object({ name: z.string() }).catch({ name: "without a name" });

type Rows = Readonly<Record<"agents" | "messages" | "passages", readonly unknown[]>>;

/** A plan for each agent of a database, and errors for those that cannot be read. */
export function readOldDatabase(rows: Rows): { plans: ImportPlan[]; unread: string[] } {
  const [messages, passages] = [byAgent(rows.messages), byAgent(rows.passages)];
  const plans: ImportPlan[] = [];
  const unread: string[] = [];
  for (const row of rows.agents) {
    try {
      const agent = shaped(agentSchema, row);
      plans.push(readAgent(agent, messages.get(agent.id) ?? [], passages.get(agent.id) ?? []));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      unread.push(`Agent ${nameSchema.parse(row).name} cannot be read: ${error.message}. None of it was imported.`);
    }
  }
  return { plans, unread };
}

function byAgent(rows: readonly unknown[]): Map<string | undefined, unknown[]> {
  const grouped = new Map<string | undefined, unknown[]>();
  for (const row of rows) {
    const agent = ownerSchema.safeParse(row).data?.agent_id;
    const found = grouped.get(agent);
    if (found === undefined) grouped.set(agent, [row]);
    else found.push(row);
  }
  return grouped;
}

function readAgent(
  { name, state: json, system }: z.infer<typeof agentSchema>,
  messageRows: readonly unknown[],
  passageRows: readonly unknown[],
): ImportPlan {
  const state = shaped(stateSchema, objectIn(json), "state");
  const rows = shaped(z.array(messageSchema), messageRows, "messages");
  const passages = shaped(z.array(passageSchema), passageRows, "passages");
  // Skip the made-up exchange that a new agent began with, up to the first login.
  const begun = rows.findIndex(({ text }) => objectIn(text ?? "")?.["type"] === "login");
  const messages = rows.slice(begun + 1).flatMap(({ role, text, tool_calls, created_at }) => {
    const message = { role, content: text, tool_calls: callsIn(tool_calls) };
    return speechIn(message).map((one) => ({ ...one, createdAt: timeIn(created_at) }));
  });
  const others = rows.length - messages.length;
  const known = new Set(rows.map(({ id }) => id));
  const lost = (state.messages ?? []).filter((id) => !known.has(id)).length;
  return {
    format: "agent of MemGPT 0.3",
    memories: [
      {
        agent: name,
        system: state.system ?? system ?? undefined,
        blocks: blocksOf(state),
        conversations: messages.length > 0 ? 1 : 0,
        messages,
        passages: passages.map(({ text, created_at }) => ({ text, createdAt: timeIn(created_at) })),
      },
    ],
    left: [
      ...(others > 0
        ? [`${counted(others, "message")} other than speech: prompts, thoughts, calls and their results`]
        : []),
      ...(lost > 0 ? [`${counted(lost, "message")} of its context that the database lacks`] : []),
    ],
  };
}

function blocksOf({ memory, persona, human }: z.infer<typeof stateSchema>): FoundBlock[] {
  const sections = memory ?? { persona: persona ?? "", human: human ?? "" };
  return Object.entries(sections).map(([label, section]) => {
    if (typeof section === "string") return blockOf(label, section);
    const { value, limit, description } = section;
    const block = blockOf(label, value, limit ?? undefined);
    return description === null || description === undefined ? block : { ...block, description };
  });
}

const callsSchema = z.array(z.object({ function: callSchema })).nullable();

function callsIn(json: string | null | undefined): z.infer<typeof callsSchema> {
  if (json === null || json === undefined) return null;
  try {
    return shaped(callsSchema, JSON.parse(json), "tool_calls");
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new Malformed("tool_calls", "it is not JSON");
    throw cause;
  }
}
