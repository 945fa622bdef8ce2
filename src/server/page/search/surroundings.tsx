import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { TimeOf } from "../parts/time-of.tsx";
import { useAnswer } from "../parts/use-answer.tsx";
import { agentId } from "../store/view.ts";

type Around = Answer<"get /v1/agents/{agent_id}/passages/{passage_id}/around">;
type Placed = Around["passages"][number];

/** Passages shown before and after: at first, and at most. */
const STEP = 2;
const MOST = 20;

type PassageProps = {
  readonly id: string;
  /** Name of the source; null for the agent's own passages. */
  readonly source: string | null;
};

/** Shows a passage of archival memory in its context. */
export function ShowAround({ id, source }: PassageProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class="plain"
        aria-expanded={isOpen}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        Show where
      </button>
      {isOpen && <Surroundings id={id} source={source} />}
    </>
  );
}

/** A passage with those before and after it, in its document or among the agent's own. */
function Surroundings({ id, source }: PassageProps): JSX.Element {
  const [count, setCount] = useState(STEP);
  const { value: agent } = agentId;
  const [around, , waiting] = useAnswer(async () => {
    const query = source === null ? { count } : { count, source };
    const params = { agent_id: agent, passage_id: id };
    return call("get /v1/agents/{agent_id}/passages/{passage_id}/around", { params, query });
  }, [agent, id, source, count]);
  if (around === null) return <div class="around">{waiting}</div>;
  const { document, passages } = around;
  const at = passages.findIndex((passage) => passage.id === id);
  const isMore = count < MOST && (at >= count || passages.length - at > count);
  return (
    <section class="around" aria-label="Where it stands">
      <h2 dir="auto">{document ?? "What it wrote down before and after"}</h2>
      <ol>
        {passages.map((passage, index) => (
          <li key={passage.id} class={passage.id === id ? "wanted" : ""}>
            <Place passage={passage} before={passages[index - 1]} />
            <p dir="auto">{passage.id === id ? <mark>{passage.text}</mark> : passage.text}</p>
          </li>
        ))}
      </ol>
      {isMore && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            setCount(Math.min(MOST, count + STEP * 2));
          }}
        >
          More before and after
        </button>
      )}
    </section>
  );
}

/** The heading and page, if they differ from those of the passage before; for the agent's own passages, the time. */
function Place({
  passage,
  before,
}: {
  readonly passage: Placed;
  readonly before: Placed | undefined;
}): JSX.Element | null {
  const { heading, page, createdAt } = passage;
  if (createdAt !== null) {
    return (
      <p class="quiet">
        <TimeOf at={createdAt} />
      </p>
    );
  }
  const parts = [
    ...(heading !== null && heading !== before?.heading ? [heading] : []),
    ...(page !== null && page !== before?.page ? [`page ${page}`] : []),
  ];
  return parts.length === 0 ? null : (
    <p class="quiet" dir="auto">
      {parts.join(", ")}
    </p>
  );
}
