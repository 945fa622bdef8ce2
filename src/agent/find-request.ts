import { MemGPTError } from "../errors.ts";

/** What to look for in an agent's memory. Dates are days, both included, in any form that people write. */
export type FindRequest = {
  /** Its first 10,000 characters are searched for. */
  readonly query: string;
  readonly in?: "recall" | "archival" | undefined;
  /** Of what was said: by whom, and in which session. */
  readonly role?: "user" | "assistant" | undefined;
  readonly speaker?: string | undefined;
  readonly session?: number | undefined;
  /** Up to so many lines before and after each result in its session are shown with it; none if absent. */
  readonly around?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** From 1. */
  readonly page?: number | undefined;
  /** Results on a page. */
  readonly size?: number | undefined;
};

/** What to look for in all of an agent's memory. Dates narrow what was said and what was kept; core memory has none. */
export type FindAllRequest = Pick<FindRequest, "query" | "from" | "to" | "size">;

const LARGEST_PAGE = 1000;
const CHOICES = [
  ["in", ["recall", "archival"]],
  ["role", ["user", "assistant"]],
] as const;

/** From JavaScript it can be anything. @throws MemGPTError `invalid_input` */
export function checkRequest(request: FindRequest): void {
  const given: unknown = request;
  if (typeof given !== "object" || given === null) {
    throw refused(`A search needs an object such as { query }, not ${shown(given)}.`);
  }
  const { page, size, session, around } = request;
  for (const name of ["query", "speaker", "from", "to"] as const) {
    const value: unknown = request[name];
    if (typeof value === "string" || (value === undefined && name !== "query")) continue;
    throw refused(`${name} cannot be ${shown(value)}: it must be text.`);
  }
  for (const [name, choices] of CHOICES) {
    const value: unknown = request[name];
    if (value === undefined || choices.some((choice) => choice === value)) continue;
    throw refused(`${name} cannot be ${shown(value)}: it must be ${choices.join(" or ")}.`);
  }
  if (page !== undefined && !(Number.isSafeInteger(page) && page > 0)) {
    throw refused(`The page ${shown(page)} cannot be: it must be a whole number above 0.`);
  }
  if (size !== undefined && !(Number.isSafeInteger(size) && size > 0 && size <= LARGEST_PAGE)) {
    throw refused(`A page of ${shown(size)} results cannot be: it must be a whole number from 1 to ${LARGEST_PAGE}.`);
  }
  for (const [name, value] of Object.entries({ session, around })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) {
      throw refused(`${name} cannot be ${shown(value)}: it must be a whole number, 0 or more.`);
    }
  }
  if (request.in !== "archival") return;
  const meant = (["role", "speaker", "session", "around"] as const).find((name) => request[name] !== undefined);
  if (meant !== undefined) {
    throw refused(
      `Passages of archival memory have no ${meant === "around" ? "lines around them" : meant}: leave it out, or search recall.`,
    );
  }
}

/** What only one memory has, or only a search of one. */
const OF_ONE = ["in", "role", "speaker", "session", "around", "page"] as const;

/** The same for a search of all memories. @throws MemGPTError `invalid_input` */
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

/** The value as a person reads it, up to so many characters of it. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, LONGEST_SHOWN));
  return typeof value === "object" && value !== null ? "an object" : String(value).slice(0, LONGEST_SHOWN);
}

const LONGEST_SHOWN = 80;

function refused(text: string): MemGPTError {
  return new MemGPTError("invalid_input", `${text} Nothing was searched.`);
}
