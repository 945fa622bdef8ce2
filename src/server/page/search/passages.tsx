import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { TimeOf } from "../parts/time-of.tsx";
import { revision } from "../store/revision.ts";
import { agentId, attempt } from "../store/view.ts";
import { RemovePassage } from "./remove-passage.tsx";

type Listed = Answer<"get /v1/agents/{agent_id}/passages">;

/** What the agent wrote to archival memory, the newest first. */
export function Passages(): JSX.Element {
  const [listed, setListed] = useState<Listed | null>(null);
  const { value: id } = agentId;
  const { value: now } = revision;
  const read = async (after?: string): Promise<Listed> =>
    call("get /v1/agents/{agent_id}/passages", {
      params: { agent_id: id },
      query: after === undefined ? {} : { after },
    });
  useEffect(() => {
    void attempt(async () => {
      setListed(await read());
    });
  }, [id, now]);
  if (listed === null) return <p class="quiet">Reading…</p>;
  const { passages, next } = listed;
  const readMore = async (): Promise<void> => {
    const more = await read(next ?? undefined);
    setListed({ passages: [...passages, ...more.passages], next: more.next });
  };
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
        <button type="button" onClick={() => void attempt(readMore)}>
          More
        </button>
      )}
    </section>
  );
}
