import type { JSX } from "preact";
import { Signals } from "../parts/signals.tsx";
import { TimeOf } from "../parts/time-of.tsx";
import { toForget } from "../store/forgetting.ts";
import { Marked } from "./marked.tsx";
import { RemovePassage } from "./remove-passage.tsx";
import { ShowWhere } from "./show-where.tsx";
import type { Found } from "./use-search.ts";

type OneResult = Extract<Found, { results: unknown }>["results"][number];

/** One line or passage that was found, with its ranking signals. */
export function Result({ result }: { readonly result: OneResult }): JSX.Element {
  const { id, role, speaker, source, citation, time, text, matches, signals } = result;
  return (
    <article class="result">
      <p dir="auto">
        <Marked text={text} matches={matches} />
      </p>
      <footer>
        <span dir="auto">
          {role === "archival"
            ? source === undefined
              ? "written by the agent"
              : [source, citation].filter((part) => part !== undefined).join(": ")
            : (speaker ?? (role === "user" ? "you" : "the agent"))}
        </span>
        <TimeOf at={time} />
        <ShowWhere id={id} isPassage={role === "archival"} source={source} />
        {role === "archival" && source === undefined && <RemovePassage id={id} text={text} />}
        {source === undefined && (
          <button
            type="button"
            class="plain"
            onClick={() => {
              toForget.value = role === "archival" ? { passage: id } : { message: id };
            }}
          >
            Forget
          </button>
        )}
      </footer>
      <Signals signals={signals} />
    </article>
  );
}
