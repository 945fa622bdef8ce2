import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Call } from "../../wire/entries.ts";
import { type Answer, call as ask } from "../client/call.ts";
import { Icon } from "../parts/icon.tsx";
import { Signals } from "../parts/signals.tsx";
import { ShowWhere } from "../search/show-where.tsx";
import { agentId, look } from "../store/view.ts";
import { placeOf, queryIn } from "./search-call.ts";
import { TimeOf } from "../parts/time-of.tsx";

type Results = Answer<"get /v1/agents/{agent_id}/found/{message_id}">;

/** A search by the agent: its query and, on demand, its results. */
export function SearchRow({ call }: { readonly call: Call }): JSX.Element {
  const [results, setResults] = useState<Results | null>(null);
  const { returnId, hits, name } = call;
  const query = queryIn(call.arguments);
  const open = async (): Promise<void> => {
    if (results !== null || returnId === null) return;
    const params = { agent_id: agentId.value, message_id: returnId };
    await look(async () => {
      setResults(await ask("get /v1/agents/{agent_id}/found/{message_id}", { params }));
    });
  };
  return (
    <details class="fold search-row" onToggle={() => void open()}>
      <summary>
        <Icon name="search" /> Looked in {placeOf(name)} for <q dir="auto">{query}</q>
        {hits !== null && <span class="quiet"> {found(hits)}</span>}
      </summary>
      {results?.length === 0 && <p class="quiet">The results no longer exist.</p>}
      <ul>
        {results?.map(({ id, at, role, source, text, signals }) => (
          <li key={id}>
            {text !== "" && <p dir="auto">{text}</p>}
            <p class="quiet">
              {role === "archival" ? (source ?? "archival memory") : role === "user" ? "you" : "the agent"}
              {at !== "" && ", "}
              <TimeOf at={at} />
              {role !== "archival" && <ShowWhere id={id} />}
            </p>
            {role === "archival" && <ShowWhere id={id} isPassage source={source} />}
            <Signals signals={signals} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function found(count: number): string {
  return count === 0 ? "and found nothing" : count === 1 ? "and found 1 line" : `and found ${count} lines`;
}
