import { type ReadonlySignal, signal } from "@preact/signals";

/** Whether the side bar or a panel covers the chat; the same widths as in shell.css and panels.css. */
export const isOver = { side: narrowerThan("44rem"), panel: narrowerThan("68rem") };

function narrowerThan(width: string): ReadonlySignal<boolean> {
  const query = matchMedia(`(max-width: ${width})`);
  const matches = signal(query.matches);
  query.addEventListener("change", () => {
    matches.value = query.matches;
  });
  return matches;
}
