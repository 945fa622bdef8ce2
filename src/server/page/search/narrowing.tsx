import type { JSX } from "preact";
import { call } from "../client/call.ts";
import { useAnswer } from "../parts/use-answer.tsx";
import { want, wanted } from "../store/searching.ts";
import { agentId } from "../store/view.ts";

/** Restricts a search to a speaker, a source or a time. */
export function Narrowing(): JSX.Element {
  const { value: asked } = wanted;
  const day = (name: "from" | "to", label: string): JSX.Element => (
    <label>
      {label}
      <input
        value={asked[name]}
        placeholder="a day, such as last May"
        onInput={(event) => {
          want({ [name]: event.currentTarget.value });
        }}
      />
    </label>
  );
  return (
    <details class="fold">
      <summary>Narrow it</summary>
      <div class="narrow">
        {asked.in === "recall" && <Speaker />}
        {asked.in === "archival" && <Source />}
        {day("from", "From")}
        {day("to", "To")}
      </div>
    </details>
  );
}

function Speaker(): JSX.Element {
  return (
    <label>
      Said by
      <select
        value={wanted.value.role}
        onChange={(event) => {
          const { value } = event.currentTarget;
          want({ role: value === "user" || value === "assistant" ? value : "" });
        }}
      >
        <option value="">anybody</option>
        <option value="user">you</option>
        <option value="assistant">the agent</option>
      </select>
    </label>
  );
}

function Source(): JSX.Element {
  const { value: id } = agentId;
  const [sources] = useAnswer(
    async () => call("get /v1/agents/{agent_id}/sources", { params: { agent_id: id } }),
    [id],
  );
  const attached = (sources ?? []).filter(({ isAttached }) => isAttached);
  return (
    <label>
      In
      <select
        value={wanted.value.source}
        onChange={(event) => {
          want({ source: event.currentTarget.value });
        }}
      >
        <option value="">all that it wrote down, and its sources</option>
        {attached.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
