import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { TimeOf } from "../parts/time-of.tsx";
import { useAnswer } from "../parts/use-answer.tsx";
import { revision } from "../store/revision.ts";
import { agentId, attempt } from "../store/view.ts";
import { counted } from "../text/counted.ts";

export type Source = Answer<"get /v1/agents/{agent_id}/sources">[number];

/** A source: a checkbox that attaches it, and on demand its documents. */
export function SourceRow({ source }: { readonly source: Source }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { name, documents, passages, isAttached } = source;
  const toggle = async (): Promise<void> => {
    const params = { agent_id: agentId.value, source: name };
    if (isAttached) await call("delete /v1/agents/{agent_id}/sources/{source}", { params });
    else await call("put /v1/agents/{agent_id}/sources/{source}", { params });
    revision.value += 1;
  };
  return (
    <li class="result source">
      <button
        type="button"
        class="source-name"
        aria-expanded={isOpen}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> <bdi>{name}</bdi>
      </button>
      <label class="check">
        <input
          type="checkbox"
          aria-label={`The agent searches ${name}`}
          checked={isAttached}
          onChange={() => void attempt(toggle)}
        />
        searched
      </label>
      <p class="quiet">
        {counted(documents, "document")}, {counted(passages, "passage")}
      </p>
      {isOpen && <Documents source={name} />}
    </li>
  );
}

function Documents({ source }: { readonly source: string }): JSX.Element {
  const { value: id } = agentId;
  const [listed, , waiting] = useAnswer(
    async () => call("get /v1/agents/{agent_id}/sources/{source}/documents", { params: { agent_id: id, source } }),
    [id, source],
  );
  if (listed === null) return <div class="documents">{waiting}</div>;
  const { documents, total } = listed;
  return (
    <div class="documents">
      <ul aria-label={`Documents in ${source}`}>
        {documents.map(({ name, passages, loadedAt, isComplete }, index) => (
          <li key={index}>
            <span dir="auto">{name}</span>
            <span class="quiet">
              {counted(passages, "passage")}
              {isComplete ? "" : ", not loaded whole"}, <TimeOf at={loadedAt} />
            </span>
          </li>
        ))}
      </ul>
      {total > documents.length && <p class="quiet">and {(total - documents.length).toLocaleString()} more</p>}
    </div>
  );
}
