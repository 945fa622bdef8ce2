/** A signal that Ctrl-C aborts also where no question is being asked: while a server is waited for. */
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
