import type { JSX } from "preact";
import type { Call } from "../../wire/entries.ts";
import { Icon } from "../parts/icon.tsx";
import { answerCall } from "../store/consent.ts";
import { isAnswering } from "../store/conversation.ts";
import { attempt } from "../store/view.ts";

type RowProps = { readonly call: Call };
type CallRowProps = RowProps & {
  /** Whether its step is still running. */
  readonly isLive: boolean;
};

/** A function call, folded; or one that waits for consent. */
export function CallRow({ call, isLive }: CallRowProps): JSX.Element {
  const { name, arguments: args, status, output } = call;
  if (status === "waiting") return <AskingRow call={call} />;
  return (
    <details class="fold call-row">
      <summary>
        <Icon name="call" /> Called <code>{name}</code>
        {status === null && (isLive ? " …" : ", whose result was forgotten")}
        {status === "Failed" && <span class="failed"> failed</span>}
      </summary>
      <pre tabIndex={0}>{indented(args)}</pre>
      {output !== "" && <pre tabIndex={0}>{output}</pre>}
    </details>
  );
}

const ANSWERS = [
  ["once", "Allow once"],
  ["always", "Always allow"],
  ["no", "No"],
  ["never", "Never"],
] as const;

function AskingRow({ call }: RowProps): JSX.Element {
  const { name, arguments: args } = call;
  return (
    <div class="asking" role="group" aria-label={`Whether ${name} may be called`}>
      <p>
        The agent wants to call <code>{name}</code>, which acts outside its memory, with these arguments:
      </p>
      <pre tabIndex={0}>{indented(args)}</pre>
      <div class="buttons start">
        {ANSWERS.map(([consent, label]) => (
          <button
            key={consent}
            type="button"
            class={consent === "once" ? "primary" : ""}
            disabled={isAnswering.value}
            onClick={() => void attempt(() => answerCall(call, consent))}
          >
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
