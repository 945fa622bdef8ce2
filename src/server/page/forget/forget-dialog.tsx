import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Question } from "../parts/dialog.tsx";
import { Diff } from "../parts/diff.tsx";
import type { ForgetAsked } from "../../wire/forget-contracts.ts";
import { type Forgettable, findForgettable, forget, toForget } from "../store/forgetting.ts";
import { counted } from "../text/counted.ts";
import { attempt, look } from "../store/view.ts";

/** Shows what would be forgotten, and forgets it after confirmation. */
export function ForgetDialog({ asked }: { readonly asked: ForgetAsked }): JSX.Element {
  const [found, setFound] = useState<Forgettable | null>(null);
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set());
  const close = (): void => {
    toForget.value = null;
  };
  useEffect(() => {
    void look(async () => {
      setFound(await findForgettable(asked));
    }).then((isDone) => {
      if (!isDone) close();
    });
  }, [asked]);
  const toggle = (label: string): void => {
    const next = new Set(kept);
    if (!next.delete(label)) next.add(label);
    setKept(next);
  };
  const places = found === null ? [] : placesIn(found);
  return (
    <Question
      title="Forget this for good?"
      text={`${inWords(asked)} No undo brings it back.`}
      action="Forget for good"
      isReady={places.length > 0}
      onYes={() => void attempt(() => forget(asked, [...kept]))}
      onClose={close}
    >
      {found === null && <p class="quiet">Looking for it…</p>}
      {found !== null && places.length === 0 && <p role="status">Nothing of that kind was found.</p>}
      {found !== null && places.length > 0 && (
        <div class="forgettable" role="status">
          <p>
            What goes: <b>{places.join(", ")}</b>.
          </p>
          {found.excerpts.length > 0 && (
            <ul aria-label="Some of it">
              {found.excerpts.map((text, index) => (
                <li key={index} dir="auto">
                  {text}
                </li>
              ))}
            </ul>
          )}
          {found.rewrites.map(({ label, before, after }) => (
            <div key={label}>
              <label class="check">
                <input
                  type="checkbox"
                  checked={!kept.has(label)}
                  onChange={() => {
                    toggle(label);
                  }}
                />
                Take it out of {label} too
              </label>
              <p class="rewrite-shown">
                <Diff before={before} after={after} />
              </p>
            </div>
          ))}
          <p>{found.remains}</p>
          {found.copies.length > 0 && <p>Copies of damaged databases go as a whole: {found.copies.join(", ")}.</p>}
        </div>
      )}
    </Question>
  );
}

function inWords({ match, message, passage, source, from, to }: ForgetAsked): string {
  if (match !== undefined) return `Everything that says “${match}”.`;
  if (message !== undefined) return "This message, and wherever it is quoted.";
  if (passage !== undefined) return "This passage, and wherever it is quoted.";
  if (source !== undefined) return `What searches showed of ${source}.`;
  if (from === undefined && to === undefined) return "Everything that was undone.";
  const days = [from === undefined ? "" : `from ${from}`, to === undefined ? "" : `to ${to}`];
  return `What was said and kept ${days.join(" ").trim()}.`;
}

function placesIn(found: Forgettable): string[] {
  const { messages, passages, quarantined, journal, checkpoints, typed, blockLines, rewrites, sharers } = found;
  const counts = [
    [messages, "message", "messages"],
    [passages, "passage", "passages"],
    [quarantined, "quarantined write", "quarantined writes"],
    [journal, "line of history", "lines of history"],
    [typed, "typed line", "typed lines"],
    [blockLines, "line of the record of blocks", "lines of the record of blocks"],
  ] as const;
  const places = counts.flatMap(([count, one, many]) => (count === 0 ? [] : [counted(count, one, many)]));
  const kept = checkpoints === 0 ? [] : [`parts of ${counted(checkpoints, "checkpoint")}`];
  const shared = sharers.map((name) => `blocks shared with ${name}`);
  return [...places, ...kept, ...rewrites.map(({ label }) => `sentences in ${label}`), ...shared];
}
