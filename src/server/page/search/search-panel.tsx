import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { memory } from "../store/memory.ts";
import { revision } from "../store/revision.ts";
import { counted } from "../text/counted.ts";
import { agentId, attempt } from "../store/view.ts";
import { Passages } from "./passages.tsx";
import { Result } from "./result.tsx";

type Found = Extract<Answer<"get /v1/agents/{agent_id}/search">, { results: unknown }>;

/** What is looked for, and where. Days in any form that people write. */
type Wanted = {
  readonly query: string;
  readonly in: "recall" | "archival";
  readonly role: "" | "user" | "assistant";
  readonly from: string;
  readonly to: string;
};

const FIRST: Wanted = { query: "", in: "recall", role: "", from: "", to: "" };
const PAUSE_MS = 250;

/** Searches what the agent remembers as it does itself, and shows what each result was ranked by. */
export function SearchPanel(): JSX.Element {
  const [wanted, setWanted] = useState(FIRST);
  const [page, setPage] = useState(1);
  const [found, setFound] = useState<Found | null>(null);
  const { value: id } = agentId;
  const { value: now } = revision;
  const isEmpty = wanted.query.trim() === "";
  useEffect(() => {
    if (isEmpty) {
      setFound(null);
      return undefined;
    }
    const timer = setTimeout(() => {
      void attempt(async () => {
        const answer = await search(id, wanted, page);
        if ("results" in answer) setFound(answer);
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [id, wanted, page, now, isEmpty]);
  const set = (changes: Partial<Wanted>): void => {
    setWanted({ ...wanted, ...changes });
    setPage(1);
  };
  const field = (name: "from" | "to", label: string): JSX.Element => (
    <label>
      {label}
      <input
        value={wanted[name]}
        placeholder="a day, such as last May"
        onInput={(event) => {
          set({ [name]: event.currentTarget.value });
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
          value={wanted.query}
          onInput={(event) => {
            set({ query: event.currentTarget.value });
          }}
        />
        <div class="choices" role="group" aria-label="Where">
          {(["recall", "archival"] as const).map((place) => (
            <button
              key={place}
              type="button"
              aria-pressed={wanted.in === place}
              onClick={() => {
                set({ in: place });
              }}
            >
              {place === "recall" ? "What was said" : "What it wrote down"}
            </button>
          ))}
        </div>
        <details class="fold">
          <summary>Narrow it</summary>
          <div class="narrow">
            {wanted.in === "recall" && (
              <label>
                Said by
                <select
                  value={wanted.role}
                  onChange={(event) => {
                    const { value } = event.currentTarget;
                    set({ role: value === "user" || value === "assistant" ? value : "" });
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
      {isEmpty && wanted.in === "archival" && <Passages />}
      {isEmpty && wanted.in === "recall" && (
        <p class="quiet">{(memory.value?.recall ?? 0).toLocaleString()} messages can be searched.</p>
      )}
      {found !== null && !isEmpty && <Results found={found} page={page} onPage={setPage} />}
    </>
  );
}

async function search(
  id: string,
  { query, in: memory, role, from, to }: Wanted,
  page: number,
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

type ResultsProps = { readonly found: Found; readonly page: number; readonly onPage: (page: number) => void };

function Results({ found, page, onPage }: ResultsProps): JSX.Element {
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
              onPage(page - 1);
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
              onPage(page + 1);
            }}
          >
            Next
          </button>
        </div>
      )}
    </section>
  );
}
