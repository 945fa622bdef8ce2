import { type Explanation, shownTime } from "../../index.ts";
import { renderDiff } from "../terminal/line-diff.ts";
import { excerpt, oneLine } from "../terminal/one-line.ts";
import { fromOthers } from "./origin.ts";

type Search = Explanation["searches"][number];
type Edit = Explanation["edits"][number];

/** Most characters shown of a result. */
const EXCERPT = 160;

/** What led to a reply, in order: the message, thoughts, core memory in view, searches, memory edits and the reply. */
export function renderExplanation({ asked, askedAt, reply, thoughts, core, searches, edits }: Explanation): string {
  return [
    `Asked (${shownTime(askedAt)}): ${oneLine(asked)}`,
    ...thoughts.map((thought) => `Thought: ${oneLine(thought)}`),
    ...core.map(({ label, text }) => `Had in core memory (${oneLine(label)}): ${excerpt(text, EXCERPT)}`),
    ...searches.flatMap(renderSearch),
    ...(searches.length === 0 ? ["Searched nothing; it used what was in context."] : []),
    ...edits.flatMap(renderEdit),
    ...(edits.length === 0 ? ["Changed nothing in memory."] : []),
    `Said: ${oneLine(reply)}`,
  ].join("\n");
}

function renderSearch({ function: name, arguments: args, thought, output, model, results }: Search): string[] {
  const found = results.map(({ createdAt, role, speaker, text, signals, origin }, index) => {
    const who = role === null ? "" : `${speaker ?? (role === "user" ? "you" : "agent")}: `;
    const strongest = Object.entries(signals).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
    const ranked = strongest.map(
      ([signal, value]) => `${signal}${byModel(signal, model)} ${Number(value.toPrecision(2))}`,
    );
    const by = ranked.length === 0 ? "" : `  [${ranked.join(", ")}]`;
    const from = origin === undefined ? "" : `  (from ${oneLine(origin)})`;
    return `  ${index + 1}. ${shownTime(createdAt)}  ${who}${excerpt(text, EXCERPT)}${from}${by}`;
  });
  const nothing = `  ${excerpt(output, EXCERPT)}`;
  return [`Searched: ${name} ${queryOf(args)}`, ...because(thought), ...(found.length === 0 ? [nothing] : found)];
}

/** Names the model that measured nearness in meaning. */
function byModel(signal: string, model: string | null): string {
  return signal === "meaning" && model !== null ? ` by ${oneLine(model)}` : "";
}

function renderEdit({ target, before, after, thought, origin }: Edit): string[] {
  const diff = before === null ? `+ ${oneLine(after)}` : renderDiff(before, after);
  return [`Noted in ${target}${fromOthers(origin)}:`, ...because(thought), diff.replace(/^/gm, "  ")];
}

function because(thought: string | null): string[] {
  return thought === null || thought.trim() === "" ? [] : [`  because: ${oneLine(thought)}`];
}

/** The arguments without `request_heartbeat`; the raw text if it is not JSON. */
function queryOf(args: string): string {
  try {
    const parsed: unknown = JSON.parse(args);
    if (typeof parsed !== "object" || parsed === null) return args;
    return Object.entries(parsed)
      .filter(([name]) => name !== "request_heartbeat")
      .map(([name, value]) => (name === "query" ? JSON.stringify(value) : `${name} ${JSON.stringify(value)}`))
      .join(", ");
  } catch {
    return args;
  }
}
