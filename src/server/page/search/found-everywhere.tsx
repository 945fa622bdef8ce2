import type { ComponentChildren, JSX } from "preact";
import { CorrectIt } from "../parts/correct-it.tsx";
import { type Wanted, want } from "../store/searching.ts";
import { panel } from "../store/view.ts";
import { Marked } from "./marked.tsx";
import { Result } from "./result.tsx";
import { Total } from "./total.tsx";
import type { Found } from "./use-search.ts";

type FoundInAll = Extract<Found, { core: unknown }>;
type Page = FoundInAll["recall"];

/** Most lines of core memory shown. */
const LINES = 3;

/** The best results of each memory: core memory, then the conversation, then archival memory. */
export function FoundEverywhere({ found }: { readonly found: FoundInAll }): JSX.Element {
  const { core, recall, archival, notices } = found;
  return (
    <>
      <Total total={core.total + recall.total + archival.total} notices={notices} />
      {core.total > 0 && (
        <Part
          title="In core memory"
          rest={core.total - Math.min(LINES, core.results.length)}
          onMore={() => {
            panel.value = "memory";
          }}
        >
          {core.results.slice(0, LINES).map((line) => (
            <CoreLine key={`${line.label} ${line.line}`} line={line} />
          ))}
        </Part>
      )}
      <Some title="In what was said" page={recall} place="recall" />
      <Some title="In what it wrote down, and its sources" page={archival} place="archival" />
    </>
  );
}

function CoreLine({ line }: { readonly line: FoundInAll["core"]["results"][number] }): JSX.Element {
  const { label, text, matches } = line;
  return (
    <article class="result">
      <p dir="auto">
        <Marked text={text} matches={matches} />
      </p>
      <footer>
        <bdi>{label}</bdi>
        <span>always in view</span>
        <CorrectIt label={label} line={text} />
      </footer>
    </article>
  );
}

type SomeProps = { readonly title: string; readonly page: Page; readonly place: Wanted["in"] };

function Some({ title, page: { results, total }, place }: SomeProps): JSX.Element | null {
  if (total === 0) return null;
  return (
    <Part
      title={title}
      rest={total - results.length}
      onMore={() => {
        want({ in: place });
      }}
    >
      {results.map((result) => (
        <Result key={result.id} result={result} />
      ))}
    </Part>
  );
}

type PartProps = {
  readonly title: string;
  /** How many more there are. */
  readonly rest: number;
  readonly onMore: () => void;
  readonly children: ComponentChildren;
};

function Part({ title, rest, onMore, children }: PartProps): JSX.Element {
  return (
    <div class="results">
      <h2>{title}</h2>
      {children}
      {rest > 0 && (
        <button type="button" class="plain whole" onClick={onMore}>
          {rest.toLocaleString()} more
        </button>
      )}
    </div>
  );
}
