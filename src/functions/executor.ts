import { MemGPTError, describe } from "../errors.ts";
import type { FunctionCall, FunctionKind, SearchHit } from "../schema/message.ts";
import type { AgentFunction, FunctionContext } from "./define.ts";
import type { Effect } from "./effects.ts";

/** The outcome of one call. `heartbeat`: whether it gives the agent another step. */
export type Executed = {
  readonly kind: FunctionKind;
  readonly status: "OK" | "Failed";
  readonly output: string;
  readonly effects: readonly Effect[];
  readonly hits: readonly SearchHit[];
  readonly model?: string | undefined;
  readonly heartbeat: boolean;
  /** Whether others wrote `output`. */
  readonly foreign: boolean;
};

/**
 * Runs one call of the model. A mistake of the model (unknown name, bad JSON, arguments that the function refuses)
 * returns `Failed` with `heartbeat: true`, so that the model can correct itself.
 *
 * @throws MemGPTError, unchanged: a person must fix those, not the model.
 */
export async function execute(
  call: FunctionCall,
  functions: ReadonlyMap<string, AgentFunction>,
  context: FunctionContext,
): Promise<Executed> {
  const fn = functions.get(call.name);
  if (fn === undefined) {
    return failed("plain", `No function named ${call.name}. The functions are: ${[...functions.keys()].join(", ")}`);
  }
  const { kind } = fn;
  try {
    const { request_heartbeat: heartbeat, ...args } = parseArguments(call);
    const { output, effects = [], hits = [], model, foreign = false } = await fn.call(args, context);
    const found = hits.map(({ id, signals, source }) => ({
      id,
      signals: { ...signals },
      ...(typeof source === "string" ? { source } : {}),
    }));
    const isForeign = foreign || kind === "outside_effect";
    const text = { output: output ?? "None", foreign: isForeign && output !== null };
    return { kind, status: "OK", ...text, effects, hits: found, model, heartbeat: isTrue(heartbeat) };
  } catch (error) {
    context.signal?.throwIfAborted();
    if (error instanceof MemGPTError) throw error;
    // An error from outside may quote what others wrote.
    const foreign = kind === "outside_effect";
    return { ...failed(kind, callError(call.name) + describe(error)), foreign };
  }
}

/** The beginning of what the model reads of a call that failed. */
export function callError(name: string): string {
  return `Error calling function ${name}: `;
}

function parseArguments({ name, arguments: text }: FunctionCall): Record<string, unknown> {
  let args: unknown;
  try {
    args = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new Error(`the arguments of ${name} are not valid JSON`);
  }
  if (typeof args !== "object" || args === null || Array.isArray(args)) {
    throw new Error(`the arguments of ${name} must be one JSON object`);
  }
  return { ...args };
}

/** Models write the boolean as a string about as often as they forget it. */
function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && value.trim().toLowerCase() === "true");
}

function failed(kind: FunctionKind, output: string): Executed {
  return { kind, status: "Failed", output, effects: [], hits: [], heartbeat: true, foreign: false };
}
