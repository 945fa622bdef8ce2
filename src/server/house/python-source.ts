/** A function's schema as the model sees it. */
export type ToolSchema = {
  readonly name: string;
  readonly description: string;
  readonly parameters: {
    readonly type: "object";
    readonly properties: Readonly<Record<string, { readonly type: string; readonly description: string }>>;
    readonly required: readonly string[];
  };
};

/** JSON Schema types by Python type. */
const TYPES: Readonly<Record<string, string>> = {
  str: "string",
  int: "integer",
  float: "number",
  bool: "boolean",
  list: "array",
  List: "array",
  tuple: "array",
  dict: "object",
  Dict: "object",
};

/**
 * The schema of the first function in Python source, from its signature and docstring; undefined if there is no function. The
 * source is parsed as text and never run.
 */
export function schemaOfPython(source: string): ToolSchema | undefined {
  const found = /^(?:async\s+)?def\s+([A-Za-z_]\w*)\s*\(/m.exec(source);
  const name = found?.[1];
  if (found === null || name === undefined) return undefined;
  const start = found.index + found[0].length;
  const end = closingBracket(source, start);
  const docs = docstring(source.slice(end));
  const parameters = splitTop(source.slice(start, end)).flatMap((text) => {
    const [, parameter, type, value] = /^(\w+)\s*(?::\s*([^=]+?))?\s*(?:=\s*([\s\S]+))?$/.exec(text.trim()) ?? [];
    if (parameter === undefined || parameter === "self" || parameter === "agent_state") return [];
    return [{ parameter, type: jsonType(type), isRequired: value === undefined }];
  });
  const properties = parameters.map(({ parameter, type }) => [
    parameter,
    { type, description: docs.args.get(parameter) ?? "" },
  ]);
  return {
    name,
    description: docs.summary,
    parameters: {
      type: "object",
      properties: Object.fromEntries(properties) as ToolSchema["parameters"]["properties"],
      required: parameters.filter(({ isRequired }) => isRequired).map(({ parameter }) => parameter),
    },
  };
}

function jsonType(type = "str"): string {
  const bare = type.replace(/^(?:typing\.)?Optional\[(.*)\]$/, "$1").replace(/\s*\|\s*None$/, "");
  return TYPES[/^\w+/.exec(bare)?.[0] ?? ""] ?? "string";
}

/** Index of the bracket that closes the one opened just before `from`. */
function closingBracket(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if ("([{".includes(char)) depth += 1;
    if (")]}".includes(char)) depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

/** Splits at commas outside brackets. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if ("([{".includes(char)) depth += 1;
    if (")]}".includes(char)) depth -= 1;
    if (char !== "," || depth > 0) continue;
    parts.push(text.slice(from, at));
    from = at + 1;
  }
  return [...parts, text.slice(from)];
}

/** A docstring's summary, and its description of each argument under `Args:`. */
function docstring(text: string): { readonly summary: string; readonly args: ReadonlyMap<string, string> } {
  const body = /^[^\n]*:\s*\n\s*(?:"""([\s\S]*?)"""|'''([\s\S]*?)''')/.exec(text);
  const lines = (body?.[1] ?? body?.[2] ?? "").split("\n");
  const args = new Map<string, string>();
  const from = lines.findIndex((line) => /^\s*(Args|Arguments|Parameters):\s*$/.test(line));
  for (const line of from < 0 ? [] : lines.slice(from + 1)) {
    if (/^\s*(Returns|Raises|Yields|Examples?):\s*$/.test(line)) break;
    const [, name, what] = /^\s*(\w+)\s*(?:\([^)]*\))?\s*:\s*(.+)$/.exec(line) ?? [];
    if (name !== undefined && what !== undefined) args.set(name, what.trim());
  }
  const summary = lines
    .slice(0, from < 0 ? undefined : from)
    .map((line) => line.trim())
    .join("\n")
    .trim();
  return { summary: summary.replace(/\n\s*(Returns|Raises):[\s\S]*$/, "").trim(), args };
}
