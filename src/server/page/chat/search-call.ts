/** What the model wrote as its query, if it can be read. */
export function queryIn(args: string): string {
  try {
    const { query, start_date, end_date } = JSON.parse(args) as Record<string, unknown>;
    if (typeof query === "string") return query;
    return [start_date, end_date].filter((day) => typeof day === "string").join(" to ");
  } catch {
    return args;
  }
}

/** Where a function searches. */
export function placeOf(name: string): string {
  return name.startsWith("archival") ? "archival memory" : "earlier conversation";
}
