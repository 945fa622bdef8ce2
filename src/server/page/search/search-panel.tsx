import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { memory } from "../store/memory.ts";
import { revision } from "../store/revision.ts";
import { type Wanted, want, wanted } from "../store/searching.ts";
import { counted } from "../text/counted.ts";
import { agentId, attempt } from "../store/view.ts";
import { Passages } from "./passages.tsx";
import { Result } from "./result.tsx";

type Found = Extract<Answer<"get /v1/agents/{agent_id}/search">, { results: unknown }>;

const PAUSE_MS = 250;

/** Searches what the agent remembers as it does itself, and shows what each result was ranked by. */
export function SearchPanel(): JSX.Element {
  const [found, setFound] = useState<Found | null>(null);
  const { value: id } = agentId;
  const { value: now } = revision;
  const { value: asked } = wanted;
  const isEmpty = asked.query.trim() === "";
  useEffect(() => {
    if (isEmpty) {
      setFound(null);
      return undefined;
    }
    const timer = setTimeout(() => {
      void attempt(async () => {
        const answer = await search(id, asked);
        if ("results" in answer) setFound(answer);
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [id, asked, now, isEmpty]);
  const field = (name: "from" | "to", label: string): JSX.Element => (
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
    <>
      <form
        class="search-form"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        <input
          type="search"
          aria-label="Search what it remembers"
          placeholder="Search as the agent does"
          dir="auto"
          value={asked.query}
          onInput={(event) => {
            want({ query: event.currentTarget.value });
          }}
        />
        <div class="choices" role="group" aria-label="Where">
          {(["recall", "archival"] as const).map((place) => (
            <button
              key={place}
              type="button"
              aria-pressed={asked.in === place}
              onClick={() => {
                want({ in: place });
              }}
            >
              {place === "recall" ? "What was said" : "What it wrote down"}
            </button>
          ))}
        </div>
        <details class="fold">
          <summary>Narrow it</summary>
          <div class="narrow">
            {asked.in === "recall" && (
              <label>
                Said by
                <select
                  value={asked.role}
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
            )}
            {field("from", "From")}
            {field("to", "To")}
          </div>
        </details>
      </form>
      {isEmpty && asked.in === "archival" && <Passages />}
      {isEmpty && asked.in === "recall" && (
        <p class="quiet">{(memory.value?.recall ?? 0).toLocaleString()} messages can be searched.</p>
      )}
      {found !== null && !isEmpty && <Results found={found} page={asked.page} />}
    </>
  );
}

async function search(
  id: string,
  { query, in: memory, role, from, to, page }: Wanted,
): Promise<Answer<"get /v1/agents/{agent_id}/search">> {
  return call("get /v1/agents/{agent_id}/search", {
    params: { agent_id: id },
    query: {
      query,
      in: memory,
      page,
      ...(role === "" || memory === "archival" ? {} : { role }),
      ...(from === "" ? {} : { from }),
      ...(to === "" ? {} : { to }),
    },
  });
}

function Results({ found, page }: { readonly found: Found; readonly page: number }): JSX.Element {
  const { total, pages, results, notices = [] } = found;
  return (
    <section class="results" aria-label="Results">
      <p class="quiet" role="status">
        {total === 0 ? "Nothing is like that." : counted(total, "result", "results, best first")}
      </p>
      {notices.map((notice) => (
        <p key={notice} class="banner" dir="auto">
          {notice}
        </p>
      ))}
      {results.map((result) => (
        <Result key={result.id} result={result} />
      ))}
      {pages > 1 && (
        <div class="pages">
          <button
            type="button"
            disabled={page === 1}
            onClick={() => {
              want({ page: page - 1 });
            }}
          >
            Before
          </button>
          <span class="quiet">
            page {page} of {pages}
          </span>
          <button
            type="button"
            disabled={page >= pages}
            onClick={() => {
              want({ page: page + 1 });
            }}
          >
            Next
          </button>
        </div>
      )}
    </section>
  );
}
