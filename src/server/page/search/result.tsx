import type { ComponentChildren, JSX } from "preact";
import type { Answer } from "../client/call.ts";
import { Signals } from "../parts/signals.tsx";
import { TimeOf } from "../parts/time-of.tsx";
import { toForget } from "../store/forgetting.ts";
import { showMessage } from "../store/conversation.ts";
import { attempt } from "../store/view.ts";
import { RemovePassage } from "./remove-passage.tsx";

type Found = Extract<Answer<"get /v1/agents/{agent_id}/search">, { results: unknown }>;
type OneResult = Found["results"][number];

/** One line or passage that was found, with what it was ranked by. */
export function Result({ result }: { readonly result: OneResult }): JSX.Element {
  const { id, role, speaker, source, time, text, matches, signals } = result;
  return (
    <article class="result">
      <p dir="auto">{marked(text, matches)}</p>
      <footer>
        <span dir="auto">
          {role === "archival"
            ? (source ?? "written by the agent")
            : (speaker ?? (role === "user" ? "you" : "the agent"))}
        </span>
        <TimeOf at={time} />
        {role !== "archival" && (
          <button type="button" class="plain" onClick={() => void attempt(() => showMessage(id))}>
            Show where
          </button>
        )}
        {role === "archival" && source === undefined && <RemovePassage id={id} text={text} />}
        {source === undefined && (
          <button
            type="button"
            class="plain"
            onClick={() => {
              toForget.value = role === "archival" ? { passage: id } : { message: id };
            }}
          >
            Forget
          </button>
        )}
      </footer>
      <Signals signals={signals} />
    </article>
  );
}

const LONGEST = 1500;

/** The text with the words of the query marked. */
function marked(text: string, matches: OneResult["matches"]): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const [start, end] of matches) {
    if (start < at || end > LONGEST) continue;
    parts.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>);
    at = end;
  }
  parts.push(text.slice(at, Math.max(at, LONGEST)), text.length > LONGEST ? "…" : "");
  return parts;
}
