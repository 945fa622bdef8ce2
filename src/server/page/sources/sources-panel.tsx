import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { revision } from "../store/revision.ts";
import { upload, uploads } from "../store/uploads.ts";
import { counted } from "../text/counted.ts";
import { agentId, attempt } from "../store/view.ts";

type Source = Answer<"get /v1/agents/{agent_id}/sources">[number];

export const UPLOADS = "uploads";

/** Documents that the agent can search: files are chosen here or dropped anywhere on the page. */
export function SourcesPanel(): JSX.Element {
  const [sources, setSources] = useState<readonly Source[] | null>(null);
  const [name, setName] = useState(UPLOADS);
  const { value: id } = agentId;
  const { value: now } = revision;
  useEffect(() => {
    void attempt(async () => {
      setSources(await call("get /v1/agents/{agent_id}/sources", { params: { agent_id: id } }));
    });
  }, [id, now]);
  const toggle = async ({ name: source, isAttached }: Source): Promise<void> => {
    const params = { agent_id: id, source };
    if (isAttached) await call("delete /v1/agents/{agent_id}/sources/{source}", { params });
    else await call("put /v1/agents/{agent_id}/sources/{source}", { params });
    revision.value += 1;
  };
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
        Files, up to 3 MB each
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
          {uploads.value.map(({ name: file, state, detail }) => (
            <li key={file} class={state === "failed" ? "problem" : ""} dir="auto">
              {state === "reading" && <span class="busy" aria-hidden="true" />} {file}: {state}. {detail}
            </li>
          ))}
        </ul>
      )}
      <ul class="results" aria-label="Sources">
        {sources?.map((source) => (
          <li key={source.name} class="result">
            <label class="check">
              <input type="checkbox" checked={source.isAttached} onChange={() => void attempt(() => toggle(source))} />
              <span dir="auto">{source.name}</span>
            </label>
            <p class="quiet">
              {counted(source.documents, "document")}, {counted(source.passages, "passage")}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
