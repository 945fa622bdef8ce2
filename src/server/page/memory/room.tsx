import type { JSX } from "preact";

/** How full a block is. */
export function Room({ used, limit }: { readonly used: number; readonly limit: number }): JSX.Element {
  return (
    <p class={used > limit ? "room over" : "room"}>
      <meter min={0} max={limit} high={limit * 0.9} value={used} aria-label="Space used" />
      <span>
        {used.toLocaleString()} of {limit.toLocaleString()} characters
      </span>
    </p>
  );
}
