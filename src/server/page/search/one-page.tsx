import type { JSX } from "preact";
import { want } from "../store/searching.ts";
import { Result } from "./result.tsx";
import { Total } from "./total.tsx";
import type { Found } from "./use-search.ts";

type FoundInOne = Extract<Found, { results: unknown }>;

/** One page of results of one memory. */
export function OnePage({ found, page }: { readonly found: FoundInOne; readonly page: number }): JSX.Element {
  const { total, pages, results, notices } = found;
  return (
    <>
      <Total total={total} notices={notices} />
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
            Previous
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
    </>
  );
}
