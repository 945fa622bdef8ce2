import type { FunctionSchema, MainContext } from "../schema/context.ts";
import type { Message } from "../schema/message.ts";

/** Counts the tokens of a text in the model's own vocabulary. Never throws. */
export type Tokenizer = (text: string) => number;

/** @source OpenAI's cookbook, "How to count tokens with tiktoken": three around each message, three before the answer */
const AROUND_MESSAGE = 4;
const BEFORE_ANSWER = 3;
/** Around each call and around the functions as a whole. */
const AROUND_CALL = 3;
const AROUND_FUNCTIONS = 9;

/**
 * Tokens of a request as OpenAI's models count them. Messages are immutable and counted once, so a step only counts what is
 * new.
 */
export function exactTokens({ system, queue, functions }: MainContext, tokenizer: Tokenizer): number {
  const counted = countedBy(tokenizer);
  if (counted.system.text !== system) counted.system = { text: system, tokens: AROUND_MESSAGE + tokenizer(system) };
  const queued = queue.reduce(
    (sum, message) => sum + once(counted.items, message, () => messageTokens(message, tokenizer)),
    0,
  );
  const called = once(counted.items, functions, () => functionTokens(functions, tokenizer));
  return counted.system.tokens + queued + called + BEFORE_ANSWER;
}

type Counted = { system: { readonly text: string; readonly tokens: number }; readonly items: WeakMap<object, number> };

const counts = new WeakMap<Tokenizer, Counted>();

function countedBy(tokenizer: Tokenizer): Counted {
  const known = counts.get(tokenizer);
  if (known !== undefined) return known;
  const fresh: Counted = { system: { text: "", tokens: AROUND_MESSAGE }, items: new WeakMap() };
  counts.set(tokenizer, fresh);
  return fresh;
}

function once(known: WeakMap<object, number>, item: object, count: () => number): number {
  const before = known.get(item);
  if (before !== undefined) return before;
  const tokens = count();
  known.set(item, tokens);
  return tokens;
}

function messageTokens(message: Message, tokenizer: Tokenizer): number {
  const text = AROUND_MESSAGE + tokenizer(message.content ?? "");
  if (message.role !== "assistant") return text;
  return message.calls.reduce(
    (sum, { name, arguments: args }) => sum + AROUND_CALL + tokenizer(name) + tokenizer(args),
    text,
  );
}

/** OpenAI renders functions as type declarations, which are shorter than the JSON that is sent. */
function functionTokens(functions: readonly FunctionSchema[], tokenizer: Tokenizer): number {
  if (functions.length === 0) return 0;
  const declarations = functions.map(({ name, description, parameters }) => {
    const lines = properties(parameters).map(([key, { type, text }]) => `// ${text}\n${key}: ${type},`);
    return `// ${description}\ntype ${name} = (_: {\n${lines.join("\n")}\n}) => any;\n`;
  });
  return AROUND_FUNCTIONS + tokenizer(`namespace functions {\n\n${declarations.join("\n")}\n} // namespace functions`);
}

function properties({
  properties: all,
}: FunctionSchema["parameters"]): (readonly [string, { type: string; text: string }])[] {
  if (typeof all !== "object" || all === null) return [];
  return Object.entries(all as Readonly<Record<string, unknown>>).map(([key, schema]) => {
    const { type, description } = Object(schema) as Readonly<Record<string, unknown>>;
    return [key, { type: String(type), text: typeof description === "string" ? description : "" }];
  });
}
