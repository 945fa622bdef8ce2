import type { FunctionSchema } from "../../schema/context.ts";
import { isFields } from "./repair.ts";

const FORM = '{"thoughts": "what you think, in a few words", "function": "NAME", "arguments": {"KEY": "VALUE"}}';

/** Reminds the model of the form of an answer. */
export const FORM_REMINDER = `Answer with one JSON object and nothing else: ${FORM}`;

/** The system prompt for a model without function calling. The functions come first, because they never change. */
export function describeFunctions(system: string, functions: readonly FunctionSchema[]): string {
  return [
    "## How you act",
    "You act by calling functions. Each answer is one JSON object, without anything before or after it:",
    FORM,
    'Where you are told to write plain content, write it in "thoughts": nobody else sees it. What a function returned comes ' +
      'as "Return of NAME: …". For several calls at once, answer with a list of such objects.',
    "The functions, with their arguments (? marks one that may be left out):",
    ...functions.map(describe),
    "",
    system,
    "",
    FORM_REMINDER,
  ].join("\n");
}

function describe({ name, description, parameters }: FunctionSchema): string {
  const { properties, required } = parameters;
  const needed = new Set(Array.isArray(required) ? (required as unknown[]) : []);
  const lines = Object.entries(isFields(properties) ? properties : {}).map(([key, schema]) => {
    const { type, text } = typeAndText(schema);
    return `  ${key}${needed.has(key) ? "" : "?"}: ${type}${text === "" ? "" : `. ${text}`}`;
  });
  return [`- ${name}: ${description}`, ...lines].join("\n");
}

function typeAndText(schema: unknown): { type: string; text: string } {
  if (!isFields(schema)) return { type: "any", text: "" };
  const { type, description, enum: choices } = schema;
  const text = typeof description === "string" ? description : "";
  if (Array.isArray(choices)) return { type: choices.map((choice) => JSON.stringify(choice)).join(" | "), text };
  if (Array.isArray(type)) return { type: type.join(" | "), text };
  return { type: typeof type === "string" ? type : "any", text };
}

/**
 * The JSON schema of an answer, for servers that can enforce one. It has one alternative for each function, so that the
 * arguments are enforced as well.
 */
export function answerSchema(functions: readonly FunctionSchema[]): Record<string, unknown> {
  const alternatives = functions.map(({ name, parameters }) => ({
    type: "object",
    properties: {
      thoughts: { type: "string" },
      function: { type: "string", enum: [name] },
      arguments: { ...parameters, additionalProperties: false },
    },
    required: ["thoughts", "function", "arguments"],
    additionalProperties: false,
  }));
  const [only] = alternatives;
  return alternatives.length === 1 && only !== undefined ? only : { anyOf: alternatives };
}
