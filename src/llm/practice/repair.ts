import type { Answer, Call } from "./answer.ts";
import { MEMORY_WRITES, text, type Done, type View } from "./view.ts";

/** Another way to do what has just failed, tried once; undefined if nothing failed or no other way is left. */
export function repair(view: View): Answer | undefined {
  const failing = view.steps.filter(({ calls }) => calls.some(isFailedWrite));
  const last = view.steps.at(-1);
  if (last === undefined || failing.length !== 1 || failing[0] !== last) return undefined;
  const calls = last.calls.filter(isFailedWrite).flatMap((call) => alternative(call, view));
  return calls.length === 0 ? undefined : { thought: "That did not work, so I keep it another way.", calls };
}

function isFailedWrite({ name, status }: Done): boolean {
  return status === "Failed" && MEMORY_WRITES.has(name);
}

function alternative({ name, args, output }: Done, view: View): Call[] {
  const content = text(args, name === "core_memory_replace" ? "new_content" : "content").replace(/^\n|\n$/g, "");
  if (content.trim() === "" || name === "archival_memory_insert") return [];
  const missing = name === "core_memory_replace" && !/exceed/i.test(output);
  if (missing && view.can("core_memory_append")) {
    return [{ name: "core_memory_append", args: { name: text(args, "name"), content, request_heartbeat: true } }];
  }
  if (!view.can("archival_memory_insert")) return [];
  return [{ name: "archival_memory_insert", args: { content: `About the user: ${content}`, request_heartbeat: true } }];
}
