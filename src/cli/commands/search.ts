import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "./open-home.ts";
import { shownTime } from "../terminal/shown-time.ts";
import { visible } from "../terminal/sanitize.ts";

type Options = {
  readonly in: "recall" | "archival";
  readonly from?: string;
  readonly to?: string;
  readonly role?: "user" | "assistant";
  readonly speaker?: string;
  readonly session?: number;
  readonly around?: number;
  readonly page?: number;
  readonly json?: boolean;
};

/** `memgpt search NAME QUERY`. */
export async function search(name: string, query: string, options: Options): Promise<void> {
  const memgpt = await openHome();
  const { in: storage, json, ...narrowed } = options;
  const found = await memgpt.find(name, { query, in: storage, ...narrowed });
  for (const notice of found.notices ?? []) process.stderr.write(`${visible(notice)}\n`);
  if (json === true) {
    process.stdout.write(`${jsonText(found, 2)}\n`);
    return;
  }
  const results = found.results.map(({ around, ...result }) =>
    around === undefined
      ? line(result)
      : around.map((said) => `${said.id === result.id ? ">" : " "} ${line(said)}`).join("\n"),
  );
  const { total, pages } = found;
  const head = `${results.length} of ${counted(total, "result")} (page ${found.page}/${pages})`;
  const nothing = total === 0 ? "No results found." : `There is no page ${found.page}; the last is ${pages}.`;
  process.stdout.write(
    `${visible(results.length === 0 ? nothing : [head, ...results].join(options.around === undefined ? "\n" : "\n\n"))}\n`,
  );
}

type Line = {
  readonly time: string;
  readonly role: string;
  readonly speaker?: string;
  readonly session?: number;
  readonly text: string;
};

/** Passages of archival memory have no session. */
function line({ time, role, speaker, session, text }: Line): string {
  const when = session === undefined ? shownTime(time) : `${shownTime(time)} #${session}`;
  return `${when}  ${speaker ?? role}: ${text}`;
}
