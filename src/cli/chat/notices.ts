import type { AgentEvent, NoticeCode } from "../../index.ts";
import { describePopped } from "../terminal/describe-change.ts";
import { changedLines } from "../terminal/line-diff.ts";
import { counted, oneLine } from "../terminal/one-line.ts";

/** A line about an event, shown beside the conversation. `symbol` is for terminals that can show it. */
export type Notice = {
  readonly symbol: string;
  readonly text: string;
  readonly kind: "memory" | "search" | "warning" | "info";
};

/** What the built-in searches did, in words. */
const SEARCHES: Readonly<Record<string, string>> = {
  conversation_search: "searched the conversation",
  conversation_search_date: "searched the conversation by date",
  archival_memory_search: "searched archival memory",
};

const WARNINGS: ReadonlySet<string> = new Set<NoticeCode>(["no_reply", "recovered", "server_cuts", "price_unknown"]);

/** The line for `event`, if it has one. The text is not yet safe to print: see `visible`. */
export function noticeLine(event: AgentEvent): Notice | undefined {
  switch (event.type) {
    case "memory_edit":
      return { symbol: "🧠", kind: "memory", text: editText(event) };
    case "function_return":
      return returnNotice(event);
    case "memory_pressure": {
      const share = Math.round((100 * event.promptTokens) / event.contextWindow);
      return {
        symbol: "🗜",
        kind: "info",
        text: `context ${share}% full: the agent saves what matters before old messages leave it`,
      };
    }
    case "popped":
      return { symbol: "↩", kind: "memory", text: describePopped(event.popped) };
    case "queue_flush":
      return { symbol: "🗜", kind: "info", text: flushText(event.evicted) };
    case "notice":
      return {
        symbol: "·",
        kind: WARNINGS.has(event.code) ? "warning" : "info",
        text: event.text,
      };
    case "retry":
      return {
        symbol: "↻",
        kind: "info",
        text: `${event.reason.replace(/\.$/, "")}; retrying ${inSeconds(event.seconds)}`,
      };
    case "turn_start":
    case "step_start":
    case "internal_monologue_delta":
    case "assistant_message_delta":
    case "internal_monologue":
    case "assistant_message":
    case "function_call":
    case "step_end":
    case "turn_end":
      return undefined;
  }
}

/** The line for a call or its return in verbose mode. */
export function verboseLine(event: Extract<AgentEvent, { type: "function_call" | "function_return" }>): Notice {
  const text =
    event.type === "function_call"
      ? `${event.call.name} ${event.call.arguments}`
      : `${event.name} ${event.status}: ${oneLine(event.output)}`;
  return { symbol: event.type === "function_call" ? "⚡" : "←", kind: "info", text };
}

function inSeconds(seconds: number): string {
  return seconds < 1 ? "now" : `in ${Math.round(seconds)} s`;
}

function flushText(evicted: number): string {
  const left = `${counted(evicted, "old message")} left the context`;
  return evicted === 1 ? `${left} and stays searchable` : `${left}; all stay searchable`;
}

function editText({ target, label, before, after }: Extract<AgentEvent, { type: "memory_edit" }>): string {
  if (target === "archival") return `archival + ${oneLine(after)}`;
  if (before !== null && before !== "" && after.startsWith(before))
    return `${label} + ${oneLine(after.slice(before.length))}`;
  const { removed, added } = changedLines(before ?? "", after);
  const [old, now] = [oneLine(removed.join("\n")), oneLine(added.join("\n"))];
  if (now === "") return `${label} - ${old}`;
  return old === "" ? `${label} + ${now}` : `${label}: ${old} → ${now}`;
}

/** Without the marks around what came from outside, which are for the model. */
function unmarked(output: string): string {
  return /^\[data ([\w-]+)(?: [^\]\s]+)?\] ([^]*) \[end \1\]$/.exec(output)?.[2] ?? output;
}

function returnNotice(event: Extract<AgentEvent, { type: "function_return" }>): Notice | undefined {
  const { name, kind, status, output } = event;
  if (status === "Failed")
    return { symbol: "⚠", kind: "warning", text: `${name} failed: ${oneLine(unmarked(output))}` };
  if (kind !== "search") return undefined;
  const found = /^Showing (\d+ of \d+ results? \(page \d+\/\d+\))/.exec(output)?.[1];
  const isBuiltIn = name in SEARCHES;
  const outcome = found ?? (isBuiltIn ? "nothing found" : oneLine(output));
  return { symbol: "🔎", kind: "search", text: `${SEARCHES[name] ?? `searched with ${name}`}: ${outcome}` };
}
