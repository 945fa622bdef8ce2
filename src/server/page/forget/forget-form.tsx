import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ForgetAsked } from "../../wire/forget-contracts.ts";
import { toForget } from "../store/forgetting.ts";

const WAYS = { text: "What says this", days: "What was said on these days", undone: "What was undone" } as const;
type Way = keyof typeof WAYS;

/** Asks what to forget. A preview follows before anything is removed. */
export function ForgetForm(): JSX.Element {
  const [way, setWay] = useState<Way>("text");
  const [match, setMatch] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const asked = askedFor(way, match, from, to);
  const day = (label: string, value: string, set: (text: string) => void): JSX.Element => (
    <label>
      {label}
      <input
        value={value}
        placeholder="a day, such as last May"
        onInput={(event) => {
          set(event.currentTarget.value);
        }}
      />
    </label>
  );
  return (
    <details class="fold forget" id="forget">
      <summary>Forget something for good</summary>
      <form
        class="narrow"
        onSubmit={(event) => {
          event.preventDefault();
          toForget.value = asked;
        }}
      >
        <label>
          Forget
          <select
            value={way}
            onChange={(event) => {
              setWay(event.currentTarget.value as Way);
            }}
          >
            {Object.entries(WAYS).map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
        {way === "text" && (
          <label>
            Words, in any case of letters
            <input
              value={match}
              dir="auto"
              onInput={(event) => {
                setMatch(event.currentTarget.value);
              }}
            />
          </label>
        )}
        {way === "days" && (
          <>
            {day("From", from, setFrom)}
            {day("To", to, setTo)}
          </>
        )}
        <div class="buttons start">
          <button type="submit" disabled={asked === null}>
            Show what would go
          </button>
        </div>
      </form>
    </details>
  );
}

function askedFor(way: Way, match: string, from: string, to: string): ForgetAsked | null {
  if (way === "undone") return { allUndone: true };
  if (way === "text") return match.trim() === "" ? null : { match: match.trim() };
  const days = { ...(from.trim() === "" ? {} : { from }), ...(to.trim() === "" ? {} : { to }) };
  return Object.keys(days).length === 0 ? null : days;
}
