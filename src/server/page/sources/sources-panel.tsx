import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { call } from "../client/call.ts";
import { useAnswer } from "../parts/use-answer.tsx";
import { LARGEST_MB, UPLOADS, upload, uploadAgain, uploads } from "../store/uploads.ts";
import { agentId } from "../store/view.ts";
import { type Source, SourceRow } from "./source-row.tsx";

function attachedFirst(one: Source, other: Source): number {
  return Number(other.isAttached) - Number(one.isAttached);
}

/** Documents that the agent can search. Files can be chosen here or dropped anywhere on the page. */
export function SourcesPanel(): JSX.Element {
  const [name, setName] = useState(UPLOADS);
  const { value: id } = agentId;
  const [sources, , waiting] = useAnswer(
    async () => call("get /v1/agents/{agent_id}/sources", { params: { agent_id: id } }),
    [id],
  );
  return (
    <>
      <p class="quiet">
        Drop files anywhere on the page, or choose them. The agent searches them beside its own memory.
      </p>
      <label>
        Into the source
        <input
          value={name}
          onInput={(event) => {
            setName(event.currentTarget.value);
          }}
        />
      </label>
      <label>
        Files, up to {LARGEST_MB} MB each
        <input
          type="file"
          multiple
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            if (files.length > 0) void upload(files, name.trim() === "" ? UPLOADS : name.trim());
          }}
        />
      </label>
      {uploads.value.length > 0 && (
        <ul class="results" aria-label="Loading" aria-live="polite">
          {uploads.value.map(({ file, state, detail }, index) => (
            <li key={index}>
              <span class={state === "failed" ? "problem" : ""} dir="auto">
                {state === "reading" && <span class="busy" aria-hidden="true" />}
                {file.name}: {state}. {detail}
              </span>{" "}
              {state === "failed" && (
                <button type="button" class="plain" onClick={() => void uploadAgain(index)}>
                  Try again
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {sources === null && waiting}
      {sources?.length === 0 && <p class="quiet">It has no source yet.</p>}
      <ul class="results" aria-label="Sources">
        {sources?.toSorted(attachedFirst).map((source) => (
          <SourceRow key={source.name} source={source} />
        ))}
      </ul>
    </>
  );
}
