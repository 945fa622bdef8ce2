import type { JSX } from "preact";
import type { Call } from "../../wire/entries.ts";
import { Icon } from "../parts/icon.tsx";

/** A call of a function, folded. */
export function CallRow({ call: { name, arguments: args, status, output } }: { readonly call: Call }): JSX.Element {
  return (
    <details class="fold call-row">
      <summary>
        <Icon name="call" /> Called <code>{name}</code>
        {status === null && <span class="quiet"> …</span>}
        {status === "Failed" && <span class="failed"> failed</span>}
      </summary>
      <pre tabIndex={0}>{indented(args)}</pre>
      {output !== "" && <pre tabIndex={0}>{output}</pre>}
    </details>
  );
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
