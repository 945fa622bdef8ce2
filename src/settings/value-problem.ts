import type * as z from "zod";

/** An example of each kind of value, as JSON. */
const EXAMPLES = {
  array: 'a list, such as ["NAME"]',
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: 'an object, such as {"NAME": "VALUE"}',
  record: 'an object, such as {"NAME": "VALUE"}',
  string: "text",
} as const satisfies Partial<Record<string, string>>;

const LONGEST_SHOWN = 60;

/** Describes what is wrong with a value, without a full stop. */
export function valueProblem(issue: z.core.$ZodIssue | undefined, value: unknown): string {
  const what = issue === undefined ? undefined : expectation(issue);
  if (issue === undefined || what === undefined) return issue?.message ?? "it is not valid";
  const place = issue.path.length === 0 ? "it" : issue.path.map(String).join(".");
  return `${place} must be ${what} (got ${shown(valueAt(value, issue.path))})`;
}

function expectation(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === "invalid_type") return Object.entries(EXAMPLES).find(([kind]) => kind === issue.expected)?.[1];
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "too_big") return `${issue.maximum} or less`;
  if (issue.code !== "too_small") return undefined;
  if (issue.origin === "string") return "text that is not empty";
  return issue.inclusive === false ? `more than ${issue.minimum}` : `${issue.minimum} or more`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inside, key) => (inside as Readonly<Record<PropertyKey, unknown>>)[key], value);
}

function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
