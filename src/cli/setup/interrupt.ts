/** A signal that Ctrl-C aborts, whether a question is open or a server is slow to answer. */
export function onInterrupt(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const ending = new AbortController();
  const listener = (): void => {
    ending.abort();
  };
  process.on("SIGINT", listener);
  return {
    signal: ending.signal,
    stop: () => {
      process.off("SIGINT", listener);
    },
  };
}
