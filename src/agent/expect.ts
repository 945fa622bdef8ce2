import { MemGPTError } from "../errors.ts";

// Types protect only TypeScript callers: from JavaScript an argument can be anything.

/** Returns what is wrong with the value of an argument or field; undefined if it is valid. */
export type Rule = (value: unknown, name: string) => string | undefined;

/** A rule for every field of `T`. */
export type FieldRules<T> = { readonly [Field in keyof Required<T>]: Rule };

/** @throws MemGPTError `invalid_input` for the first argument that breaks its rule. */
export function expectArguments(values: Readonly<Record<string, readonly [value: unknown, rule: Rule]>>): void {
  for (const [name, [value, rule]] of Object.entries(values)) {
    const problem = rule(value, name);
    if (problem !== undefined) throw new MemGPTError("invalid_input", `${problem}. Nothing was changed.`);
  }
}

/** A rule whose message says `what` the value must be. */
export function must(what: string, holds: (value: unknown) => boolean): Rule {
  return (value, name) => (holds(value) ? undefined : `${name} must be ${what} (got ${shown(value)})`);
}

export const aText = must("text", (value) => typeof value === "string");
export const filledText = must("text that is not blank", (value) => typeof value === "string" && value.trim() !== "");
export const aCount = must("a whole number above 0", (value) => Number.isSafeInteger(value) && Number(value) > 0);
export const aNumber = must("a number", (value) => typeof value === "number");
export const aFlag = must("true or false", (value) => typeof value === "boolean");
export const aFunction = must("a function", (value) => typeof value === "function");
export const anObject = must("an object", isObject);
export const aSet = must("a Set", (value) => value instanceof Set);
export const aSignal = must("an AbortSignal", (value) => value instanceof AbortSignal);

export function oneOf(...choices: readonly string[]): Rule {
  const what = choices.map((choice) => JSON.stringify(choice)).join(" or ");
  return must(what, (value) => choices.some((choice) => choice === value));
}

export function optional(rule: Rule): Rule {
  return (value, name) => (value === undefined ? undefined : rule(value, name));
}

export function nullable(rule: Rule): Rule {
  return (value, name) => (value === null ? undefined : rule(value, name));
}

export function listOf(rule: Rule): Rule {
  return (value, name) => {
    if (!Array.isArray(value)) return `${name} must be an array (got ${shown(value)})`;
    for (const [index, item] of value.entries()) {
      const problem = rule(item, `${name}[${index}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

export function objectOf<T>(rules: FieldRules<T>): Rule {
  return (value, name) => {
    const problem = anObject(value, name);
    if (problem !== undefined || !isObject(value)) return problem;
    for (const [field, rule] of Object.entries<Rule>(rules)) {
      const wrong = rule(value[field], `${name}.${field}`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

/** A rule for an object whose fields are all optional. */
export function optionsOf<T>(rules: FieldRules<T>): Rule {
  const fields = Object.entries<Rule>(rules).map(([field, rule]) => [field, optional(rule)]);
  return objectOf(Object.fromEntries(fields) as Record<string, Rule>);
}

/** Rules for the arguments of methods, by method name, in order. */
export type MethodRules = Readonly<Record<string, readonly (readonly [argument: string, rule: Rule])[]>>;

/** Wraps `target` so that its methods refuse arguments that break `rules`. */
export function expecting<T extends object>(target: T, rules: MethodRules): T {
  return new Proxy(target, {
    get(_, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      const expected = typeof key === "string" ? rules[key] : undefined;
      const method = value.bind(target) as (...given: unknown[]) => unknown;
      if (expected === undefined) return method;
      return async (...given: unknown[]): Promise<unknown> => {
        expectArguments(Object.fromEntries(expected.map(([name, rule], index) => [name, [given[index], rule]])));
        return method(...given);
      };
    },
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const LONGEST_SHOWN = 80;

/** The value with its type, for an error message. */
function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `the text ${JSON.stringify(value.slice(0, LONGEST_SHOWN))}`;
    case "number":
      return `the number ${value}`;
    case "bigint":
      return `the bigint ${String(value).slice(0, LONGEST_SHOWN)}`;
    case "boolean":
    case "undefined":
      return String(value);
    case "symbol":
    case "function":
      return `a ${typeof value}`;
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? "an array" : "an object";
  }
}
