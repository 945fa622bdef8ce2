import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { ChangedLines } from "../parts/diff.tsx";
import { Signals } from "../parts/signals.tsx";
import { TimeOf } from "../parts/time-of.tsx";
import { showMessage } from "../store/conversation.ts";
import { agentId, attempt } from "../store/view.ts";
import { placeOf, queryIn } from "./search-call.ts";

type Explanation = Answer<"get /v1/agents/{agent_id}/why">;

/** What led to the last reply: what it thought, what it looked up and why that was found, what it wrote down. */
export function Why(): JSX.Element {
  const [why, setWhy] = useState<Explanation | undefined>(undefined);
  const { value: id } = agentId;
  useEffect(() => {
    void attempt(async () => {
      setWhy(await call("get /v1/agents/{agent_id}/why", { params: { agent_id: id } }));
    });
  }, [id]);
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    ref.current?.scrollIntoView({ block: "nearest" });
  }, [why]);
  if (why === undefined) return <p class="quiet">Reading…</p>;
  if (why === null) return <p class="quiet">No reply is in context.</p>;
  const { thoughts, searches, edits } = why;
  return (
    <section ref={ref} class="why" aria-label="Why this reply">
      <h2>It thought</h2>
      {thoughts.length === 0 && <p class="quiet">Nothing that it wrote down.</p>}
      {thoughts.map((thought, index) => (
        <p key={index} dir="auto">
          {thought}
        </p>
      ))}
      <h2>It looked up</h2>
      {searches.length === 0 && <p class="quiet">Nothing: it answered from what it has in view.</p>}
      {searches.map(({ function: name, arguments: args, results }, index) => (
        <div key={index}>
          <p>
            In {placeOf(name)}, for <q dir="auto">{queryIn(args)}</q>
            {results.length === 0 && ", and found nothing"}
          </p>
          <ul>
            {results.map(({ id: found, text, createdAt, role, signals }) => (
              <li key={found}>
                <p dir="auto">{text}</p>
                <p class="quiet">
                  <TimeOf at={createdAt} />
                  {role !== null && (
                    <button type="button" class="plain" onClick={() => void attempt(() => showMessage(found))}>
                      Show where
                    </button>
                  )}
                </p>
                <Signals signals={signals} />
              </li>
            ))}
          </ul>
        </div>
      ))}
      <h2>It wrote down</h2>
      {edits.length === 0 && <p class="quiet">Nothing.</p>}
      {edits.map(({ target, before, after }, index) => (
        <p key={index}>
          <b dir="auto">{target === "archival" ? "archival memory" : target}</b>:{" "}
          <ChangedLines before={before ?? ""} after={after} />
        </p>
      ))}
    </section>
  );
}
