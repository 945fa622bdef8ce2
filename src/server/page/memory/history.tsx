import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ChangedLines } from "../parts/diff.tsx";
import { TimeOf } from "../parts/time-of.tsx";
import { type Answer, call } from "../client/call.ts";
import { showMessage } from "../store/conversation.ts";
import { revision } from "../store/revision.ts";
import { inWords } from "../text/action.ts";
import { agentId, attempt } from "../store/view.ts";

type Edits = Answer<"get /v1/agents/{agent_id}/history">;

/** How a block came to say what it says, the newest edit first. */
export function History({ label }: { readonly label: string }): JSX.Element {
  const [edits, setEdits] = useState<Edits | null>(null);
  const { value: id } = agentId;
  const { value: now } = revision;
  useEffect(() => {
    void attempt(async () => {
      setEdits(await call("get /v1/agents/{agent_id}/history", { params: { agent_id: id }, query: { label } }));
    });
  }, [id, label, now]);
  if (edits === null) return <p class="quiet">Reading…</p>;
  if (edits.length === 0) return <p class="quiet">Nobody has edited it yet.</p>;
  return (
    <ol class="history" aria-label={`History of ${label}`}>
      {edits.toReversed().map(({ op, at, action, thought, messageId, before, after }) => (
        <li key={op}>
          <p class="quiet">
            <TimeOf at={at} /> <span dir="auto">{inWords(action)}</span>
          </p>
          <p>
            <ChangedLines before={before} after={after} />
          </p>
          {thought !== null && <q dir="auto">{thought}</q>}
          {messageId !== null && (
            <button type="button" class="plain" onClick={() => void attempt(() => showMessage(messageId))}>
              Show where
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}
