import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { TimeOf } from "../parts/time-of.tsx";
import { useAnswer } from "../parts/use-answer.tsx";
import { agentId } from "../store/view.ts";
import { RemovePassage } from "./remove-passage.tsx";

type Listed = Answer<"get /v1/agents/{agent_id}/passages">;

/** What the agent wrote to archival memory, newest first. */
export function Passages(): JSX.Element {
  const { value: id } = agentId;
  const [pages, setPages] = useState(1);
  const [listed, , waiting] = useAnswer(async () => read(id, pages), [id, pages]);
  if (listed === null) return waiting;
  const { passages, next } = listed;
  return (
    <section class="results" aria-label="Passages">
      {passages.length === 0 && <p class="quiet">It has written nothing down yet.</p>}
      {passages.map(({ id: passage, text, createdAt }) => (
        <article key={passage} class="result">
          <p dir="auto">{text}</p>
          <footer>
            <TimeOf at={createdAt} />
            <RemovePassage id={passage} text={text} />
          </footer>
        </article>
      ))}
      {next !== null && (
        <button
          type="button"
          onClick={() => {
            setPages(pages + 1);
          }}
        >
          More
        </button>
      )}
    </section>
  );
}

async function read(id: string, pages: number): Promise<Listed> {
  let listed: Listed = { passages: [], next: null };
  for (let page = 0; page < pages && (page === 0 || listed.next !== null); page += 1) {
    const query = listed.next === null ? {} : { after: listed.next };
    const { passages, next } = await call("get /v1/agents/{agent_id}/passages", { params: { agent_id: id }, query });
    listed = { passages: [...listed.passages, ...passages], next };
  }
  return listed;
}
