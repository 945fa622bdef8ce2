/**
 * A UUID of version 7. It begins with the time, so that new rows stand side by side in an index of ids: random ones would
 * change a page for each row.
 */
export function timeOrderedId(): string {
  const milliseconds = Date.now().toString(16).padStart(12, "0");
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
