import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";

/** Names that models guess for an argument, by its real name. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  query: ["q", "search", "question", "text"],
  text: ["content", "memory", "fact", "value", "data"],
  id: ["memory_id", "passage_id", "message_id"],
  block: ["label", "block_label"],
  limit: ["top_k", "k", "count", "max_results", "n"],
};

/** `schema`, which also accepts arguments under the names that models guess. Clients see the same schema. */
export function withAliases<T extends StandardSchemaWithJSON>(schema: T, names: readonly string[]): T {
  const { "~standard": standard } = schema;
  return Object.assign(Object.create(schema) as T, {
    "~standard": { ...standard, validate: (value: unknown) => standard.validate(renamed(value, names)) },
  });
}

function renamed(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value ?? {};
  const given: Record<string, unknown> = { ...value };
  for (const name of names) {
    const alias = given[name] === undefined ? ALIASES[name]?.find((it) => given[it] !== undefined) : undefined;
    // A name is no alias if the schema has an argument of that name.
    if (alias === undefined || names.includes(alias)) continue;
    given[name] = given[alias];
    Reflect.deleteProperty(given, alias);
  }
  return given;
}
