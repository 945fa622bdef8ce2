import { MemGPTError } from "../errors.ts";
import { ORIGIN_KINDS, isOrigin } from "../schema/origin.ts";

/** What to look for in an agent's memory. `from` and `to` are days, both included, in any form that people write. */
export type FindRequest = {
  /** Only the first 10,000 characters count. */
  readonly query: string;
  readonly in?: "recall" | "archival" | undefined;
  /** For recall only: who said it, and in which session. */
  readonly role?: "user" | "assistant" | undefined;
  readonly speaker?: string | undefined;
  readonly session?: number | undefined;
  /** Lines of context around each result, within its session (default: 0). */
  readonly around?: number | undefined;
  /** For archival memory only: searches one attached source alone. */
  readonly source?: string | undefined;
  /** For archival memory only: a kind of origin (`person`, `model`, `document`, `tool`, `agent`, `client`, `import`), or one with its name, as in `client:cursor`. */
  readonly origin?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Counted from 1 (default: 1). */
  readonly page?: number | undefined;
  /** Results on a page (default: 10). */
  readonly size?: number | undefined;
};

/** What to look for in all of an agent's memory. Core memory has no dates, so `from` and `to` do not narrow it. */
export type FindAllRequest = Pick<FindRequest, "query" | "from" | "to" | "size">;

const LARGEST_PAGE = 1000;
const CHOICES = [
  ["in", ["recall", "archival"]],
  ["role", ["user", "assistant"]],
] as const;

/** @throws MemGPTError `invalid_input` */
export function checkRequest(request: FindRequest): void {
  const given: unknown = request;
  if (typeof given !== "object" || given === null) {
    throw refused(`The request must be an object such as { query } (got ${shown(given)}).`);
  }
  const { page, size, session, around } = request;
  for (const name of ["query", "speaker", "source", "origin", "from", "to"] as const) {
    const value: unknown = request[name];
    if (typeof value === "string" || (value === undefined && name !== "query")) continue;
    throw refused(`${name} must be text (got ${shown(value)}).`);
  }
  for (const [name, choices] of CHOICES) {
    const value: unknown = request[name];
    if (value === undefined || choices.some((choice) => choice === value)) continue;
    throw refused(`${name} must be ${choices.join(" or ")} (got ${shown(value)}).`);
  }
  if (page !== undefined && !(Number.isSafeInteger(page) && page > 0)) {
    throw refused(`page must be a whole number, 1 or more (got ${shown(page)}).`);
  }
  if (size !== undefined && !(Number.isSafeInteger(size) && size > 0 && size <= LARGEST_PAGE)) {
    throw refused(`size must be a whole number from 1 to ${LARGEST_PAGE} (got ${shown(size)}).`);
  }
  for (const [name, value] of Object.entries({ session, around })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) {
      throw refused(`${name} must be a whole number, 0 or more (got ${shown(value)}).`);
    }
  }
  const { origin } = request;
  if (origin !== undefined && !isOrigin(origin)) {
    throw refused(
      `origin must be ${ORIGIN_KINDS.join(", ")}, or one of these with a name, as in client:cursor (got ${shown(origin)}).`,
    );
  }
  if (request.in !== "archival") {
    const kept = (["source", "origin"] as const).find((name) => request[name] !== undefined);
    if (kept !== undefined) throw refused(`Only archival memory has a ${kept}: leave ${kept} out, or search archival.`);
    return;
  }
  const meant = (["role", "speaker", "session", "around"] as const).find((name) => request[name] !== undefined);
  if (meant !== undefined) {
    throw refused(
      `Passages of archival memory have no ${meant === "around" ? "surrounding lines" : meant}: leave ${meant} out, or search recall.`,
    );
  }
}

/** Fields that make sense only in a search of one memory. */
const OF_ONE = ["in", "role", "speaker", "session", "around", "source", "origin", "page"] as const;

/** As `checkRequest`, for a search of all memories. @throws MemGPTError `invalid_input` */
export function checkAllRequest(request: FindAllRequest): void {
  const given: unknown = request;
  const entries = new Map<string, unknown>(typeof given === "object" && given !== null ? Object.entries(given) : []);
  const meant = OF_ONE.find((name) => entries.get(name) !== undefined);
  if (meant === undefined) {
    checkRequest(request);
    return;
  }
  throw refused(`A search of all memories has no ${meant}: leave it out, or search recall or archival memory alone.`);
}

/** The value as a person reads it, shortened. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, LONGEST_SHOWN));
  return typeof value === "object" && value !== null ? "an object" : String(value).slice(0, LONGEST_SHOWN);
}

const LONGEST_SHOWN = 80;

function refused(text: string): MemGPTError {
  return new MemGPTError("invalid_input", `${text} Nothing was searched.`);
}
