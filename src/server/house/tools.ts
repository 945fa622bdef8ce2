import * as z from "zod";
import { type FunctionSchema, type MemGPT, MemGPTError, type Records, Table } from "../../index.ts";
import { idOf, newId } from "./ids.ts";
import { schemaOfPython } from "./python-source.ts";

const toolSchema = z.object({
  name: z.string(),
  description: z.string().nullable().default(null),
  jsonSchema: z.record(z.string(), z.unknown()).nullable().default(null),
  sourceCode: z.string().nullable().default(null),
  sourceType: z.string().default("python"),
  tags: z.array(z.string()).default([]),
  returnCharLimit: z.number().default(50_000),
  requiresApproval: z.boolean().nullable().default(null),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
export type ToolRecord = z.infer<typeof toolSchema>;
/** `isBuiltIn`: a function of this program. Any other tool is only stored; the server never runs it. */
export type ToolEntry = ToolRecord & { readonly id: string; readonly isBuiltIn: boolean };

/** The tools that can be attached to one user's agents. */
export class ToolBook {
  readonly #table: Table<ToolRecord>;
  readonly #builtIn: Promise<readonly ToolEntry[]>;

  constructor(memgpt: MemGPT, records: Records) {
    this.#table = new Table(records, "tool", toolSchema);
    this.#builtIn = memgpt.listFunctions().then((functions) => functions.map(builtIn));
  }

  /** The user's own tools, then the built-in ones. */
  async all(): Promise<ToolEntry[]> {
    const own = this.#table.all().map(({ id, value }) => ({ id, ...value, isBuiltIn: false }));
    return [...own, ...(await this.#builtIn)];
  }

  /** @throws MemGPTError `not_found`. */
  async get(id: string): Promise<ToolEntry> {
    const found = (await this.all()).find((tool) => tool.id === id);
    if (found !== undefined) return found;
    throw new MemGPTError("not_found", `There is no tool ${id}.`);
  }

  async named(name: string): Promise<ToolEntry | undefined> {
    return (await this.all()).find((tool) => tool.name === name);
  }

  /** An agent's tools: the functions that its model calls, and attached tools by id. */
  async of(functions: readonly string[], attached: readonly string[]): Promise<ToolEntry[]> {
    const all = await this.all();
    const [called, others] = [new Set(functions), new Set(attached)];
    return all.filter(({ id, name, isBuiltIn }) => (isBuiltIn && called.has(name)) || others.has(id));
  }

  /**
   * Stores a tool. Name, description and schema default to those in its source.
   *
   * @throws MemGPTError `invalid_input` if it has no name; `agent_exists` if the name is taken.
   */
  async create(fields: Partial<ToolRecord>): Promise<ToolEntry> {
    const record = complete(fields);
    if ((await this.named(record.name)) !== undefined) {
      throw new MemGPTError("agent_exists", `There is a tool named ${record.name} already. Nothing was changed.`);
    }
    return this.#put(newId("tool"), record);
  }

  /** Like `create`, but replaces the user's own tool of that name if there is one. */
  async upsert(fields: Partial<ToolRecord>): Promise<ToolEntry> {
    const record = complete(fields);
    const known = await this.named(record.name);
    return known === undefined ? this.#put(newId("tool"), record) : this.#replace(known, record);
  }

  async update(id: string, changes: Partial<ToolRecord>): Promise<ToolEntry> {
    const { isBuiltIn, id: _, ...known } = await this.get(id);
    const entry = { ...known, isBuiltIn, id };
    const isNewSource = changes.sourceCode !== undefined && changes.jsonSchema === undefined;
    return this.#replace(entry, complete({ ...known, ...(isNewSource ? { jsonSchema: null } : {}), ...changes }));
  }

  async remove(id: string): Promise<void> {
    const { isBuiltIn, name } = await this.get(id);
    if (isBuiltIn) throw builtInFixed(name);
    await this.#table.remove(id);
  }

  async #replace(known: ToolEntry, record: ToolRecord): Promise<ToolEntry> {
    if (known.isBuiltIn) throw builtInFixed(known.name);
    return this.#put(known.id, record);
  }

  async #put(id: string, record: ToolRecord): Promise<ToolEntry> {
    return { id, ...(await this.#table.put(id, record)), isBuiltIn: false };
  }
}

function builtInFixed(name: string): MemGPTError {
  return new MemGPTError("invalid_input", `${name} is built in and cannot be changed. Give the tool another name.`);
}

function builtIn({ name, description, parameters }: FunctionSchema): ToolEntry {
  const record = toolSchema.parse({ name, description, jsonSchema: { name, description, parameters } });
  return { id: idOf("tool", "built-in", name), ...record, isBuiltIn: true };
}

function complete(fields: Partial<ToolRecord>): ToolRecord {
  const isPython = (fields.sourceType ?? "python") === "python";
  const read = isPython && fields.sourceCode != null ? schemaOfPython(fields.sourceCode) : undefined;
  const schema = fields.jsonSchema ?? read ?? null;
  const given = schema?.["name" as keyof typeof schema];
  const name = fields.name ?? (typeof given === "string" ? given : undefined) ?? read?.name;
  if (name === undefined || name === "") {
    throw new MemGPTError("invalid_input", "The tool has no name: send json_schema, or source code with a def.");
  }
  const description = fields.description ?? read?.description ?? null;
  return toolSchema.parse({ ...fields, name, description, jsonSchema: schema });
}
