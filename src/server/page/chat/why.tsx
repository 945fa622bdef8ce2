import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { call } from "../client/call.ts";
import { Diff } from "../parts/diff.tsx";
import { Signals } from "../parts/signals.tsx";
import { TimeOf } from "../parts/time-of.tsx";
import { useAnswer } from "../parts/use-answer.tsx";
import { CorrectIt } from "../parts/correct-it.tsx";
import { ShowWhere } from "../search/show-where.tsx";
import { agentId } from "../store/view.ts";
import { placeOf, queryIn } from "./search-call.ts";

/** What led to the last reply: thoughts, core memory in view, searches with the reasons for their results, and edits of memory. */
export function Why(): JSX.Element {
  const { value: id } = agentId;
  const [answer, , waiting] = useAnswer(
    async () => ({ why: await call("get /v1/agents/{agent_id}/why", { params: { agent_id: id } }) }),
    [id],
  );
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    ref.current?.scrollIntoView({ block: "nearest" });
  }, [answer]);
  if (answer === null) return waiting;
  if (answer.why === null) return <p class="quiet">No reply is in context.</p>;
  const { thoughts, core, searches, edits } = answer.why;
  return (
    <section ref={ref} class="why" aria-label="Why this reply">
      <h2>It thought</h2>
      {thoughts.length === 0 && <p class="quiet">Nothing that it wrote down.</p>}
      {thoughts.map((thought, index) => (
        <p key={index} dir="auto">
          {thought}
        </p>
      ))}
      <h2>It had in view</h2>
      {core.length === 0 && <p class="quiet">Nothing of core memory has words of this reply.</p>}
      {core.length > 0 && (
        <ul aria-label="From core memory">
          {core.map(({ label, text }) => (
            <li key={`${label} ${text}`}>
              <p dir="auto">{text}</p>
              <p class="quiet">
                core memory, <bdi>{label}</bdi>
                <CorrectIt label={label} line={text} />
              </p>
            </li>
          ))}
        </ul>
      )}
      <h2>{searches.length > 1 ? "It looked up, latest first" : "It looked up"}</h2>
      {searches.length === 0 && <p class="quiet">Nothing: it answered from what it had in view.</p>}
      {searches.toReversed().map(({ function: name, arguments: args, results }, index) => (
        <div key={index}>
          <p>
            In {placeOf(name)}, for <q dir="auto">{queryIn(args)}</q>
            {results.length === 0 && ", and found nothing"}
          </p>
          <ul>
            {results.map(({ id: found, text, createdAt, role, source, signals }) => (
              <li key={found}>
                <p dir="auto">{text}</p>
                <p class="quiet">
                  <TimeOf at={createdAt} />
                  {role !== null && <ShowWhere id={found} />}
                </p>
                {role === null && <ShowWhere id={found} isPassage source={source} />}
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
          <Diff before={before ?? ""} after={after} />
        </p>
      ))}
    </section>
  );
}
