/** The query in a search's arguments, without the question mark that models add to get an answer. */
export function queryIn(args: string): string {
  try {
    const { query, start_date, end_date } = JSON.parse(args) as Record<string, unknown>;
    if (typeof query === "string") return query.replace(/\s*[?？؟]$/u, "");
    return [start_date, end_date].filter((day) => typeof day === "string").join(" to ");
  } catch {
    return args;
  }
}

/** The memory that a function searches. */
export function placeOf(name: string): string {
  return name.startsWith("archival") ? "archival memory" : "earlier conversation";
}
