import type { JSX } from "preact";
import { memory } from "../store/memory.ts";
import { type Wanted, want, wanted } from "../store/searching.ts";
import { counted } from "../text/counted.ts";
import { agentId } from "../store/view.ts";
import { FoundEverywhere } from "./found-everywhere.tsx";
import { Narrowing } from "./narrowing.tsx";
import { OnePage } from "./one-page.tsx";
import { Passages } from "./passages.tsx";
import { useSearch } from "./use-search.ts";

const PLACES: readonly (readonly [Wanted["in"], string])[] = [
  ["all", "Everywhere"],
  ["recall", "What was said"],
  ["archival", "What it wrote down"],
];

/** Searches all memory, and shows each result's ranking signals. */
export function SearchPanel(): JSX.Element {
  const { value: asked } = wanted;
  const { found, problem } = useSearch(agentId.value, asked);
  const isEmpty = asked.query.trim() === "";
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
          placeholder="A word, or a question"
          dir="auto"
          value={asked.query}
          onInput={(event) => {
            want({ query: event.currentTarget.value });
          }}
        />
        <div class="choices" role="group" aria-label="Where">
          {PLACES.map(([place, label]) => (
            <button
              key={place}
              type="button"
              aria-pressed={asked.in === place}
              onClick={() => {
                want({ in: place });
              }}
            >
              {label}
            </button>
          ))}
        </div>
        <Narrowing />
        {problem !== "" && (
          <p class="problem" role="alert" dir="auto">
            {problem}
          </p>
        )}
      </form>
      {isEmpty && (asked.in === "archival" ? <Passages /> : <Searchable />)}
      {found !== null && !isEmpty && problem === "" && (
        <section class="results" aria-label="Results">
          {"core" in found ? <FoundEverywhere found={found} /> : <OnePage found={found} page={asked.page} />}
        </section>
      )}
    </>
  );
}

function Searchable(): JSX.Element {
  const { recall = 0, archival = 0 } = memory.value ?? {};
  return (
    <p class="quiet">
      {counted(recall, "message")} and {counted(archival, "passage")} can be searched, besides core memory and attached
      sources.
    </p>
  );
}
