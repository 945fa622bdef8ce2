import { MemGPTError } from "../errors.ts";
import { ORIGIN_KINDS, isOrigin } from "../schema/origin.ts";

/** A search of an agent's memory. `from` and `to` are days, both included, in any form that people write. */
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
  /**
   * For archival memory only: a kind of origin (`person`, `model`, `document`, `tool`, `agent`, `client`, `import`),
   * optionally with a name, as in `client:cursor`.
   */
  readonly origin?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Counted from 1 (default: 1). */
  readonly page?: number | undefined;
  /** Results on a page (default: 10). */
  readonly size?: number | undefined;
};

/** A search of all of an agent's memory. Core memory has no dates, so `from` and `to` do not narrow it. */
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
    const archivalField = (["source", "origin"] as const).find((name) => request[name] !== undefined);
    if (archivalField === undefined) return;
    throw refused(`${archivalField} applies to archival memory only: leave it out, or search archival.`);
    return;
  }
  const field = (["role", "speaker", "session", "around"] as const).find((name) => request[name] !== undefined);
  if (field !== undefined) {
    throw refused(
      `Passages of archival memory have no ${field === "around" ? "surrounding lines" : field}: leave ${field} out, or search recall.`,
    );
  }
}

/** Fields that make sense only in a search of one memory. */
const SINGLE_MEMORY_FIELDS = ["in", "role", "speaker", "session", "around", "source", "origin", "page"] as const;

/** As `checkRequest`, for a search of all memories. @throws MemGPTError `invalid_input` */
export function checkAllRequest(request: FindAllRequest): void {
  const given: unknown = request;
  const entries = new Map<string, unknown>(typeof given === "object" && given !== null ? Object.entries(given) : []);
  const field = SINGLE_MEMORY_FIELDS.find((name) => entries.get(name) !== undefined);
  if (field === undefined) {
    checkRequest(request);
    return;
  }
  throw refused(`A search of all memories has no ${field}: leave it out, or search recall or archival memory alone.`);
}

/** The value, shortened, for an error message. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, LONGEST_SHOWN));
  return typeof value === "object" && value !== null ? "an object" : String(value).slice(0, LONGEST_SHOWN);
}

const LONGEST_SHOWN = 80;

function refused(text: string): MemGPTError {
  return new MemGPTError("invalid_input", `${text} Nothing was searched.`);
}
