import { jsonText } from "../terminal/json-text.ts";
import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";
import { renderHistory } from "../slash/history.ts";

type Options = { readonly label?: string; readonly json?: boolean };

/** `memgpt history NAME`. */
export async function history(name: string, { label, json = false }: Options): Promise<void> {
  const memgpt = await openHome();
  const edits = await memgpt.history(name, label);
  if (json) {
    process.stdout.write(`${jsonText(edits, 2)}\n`);
    return;
  }
  const what = label === undefined ? "The core memory" : `The block ${label}`;
  const text = edits.length === 0 ? `${what} of ${name} has not changed since it was created.` : renderHistory(edits);
  print(text);
}
