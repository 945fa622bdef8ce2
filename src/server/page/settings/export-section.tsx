import type { JSX } from "preact";
import { FILE_FORMATS, exportAgent, roster } from "../store/roster.ts";
import { agentId, attempt } from "../store/view.ts";

/** Exports the agent as a file, in a choice of formats. */
export function ExportSection(): JSX.Element | null {
  const agent = roster.value?.find(({ id }) => id === agentId.value);
  if (agent === undefined) return null;
  return (
    <ul class="results">
      {FILE_FORMATS.map(({ format, name, purpose }) => (
        <li key={format}>
          <button type="button" onClick={() => void attempt(() => exportAgent(agent, format))}>
            {name}
          </button>
          <p class="quiet">{purpose}</p>
        </li>
      ))}
    </ul>
  );
}
