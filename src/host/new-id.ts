/**
 * A UUID of version 7. It begins with the time, so that new rows are adjacent in an index of ids; random ids would
 * touch a page for each row.
 */
export function timeOrderedId(time = Date.now()): string {
  const milliseconds = time.toString(16).padStart(12, "0");
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
