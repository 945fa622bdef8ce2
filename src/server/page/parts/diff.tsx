import type { JSX } from "preact";
import { type Piece, wordDiff } from "../text/merge.ts";

/** How a text became another: what went is struck through, what came is marked. */
export function Diff({ before, after }: { readonly before: string; readonly after: string }): JSX.Element {
  return (
    <span class="diff" dir="auto">
      {wordDiff(before, after).map((piece, index) => (
        <Part key={index} piece={piece} />
      ))}
    </span>
  );
}

function Part({ piece: { kind, text } }: { readonly piece: Piece }): JSX.Element {
  if (kind === "same") return <>{text}</>;
  return kind === "removed" ? <del>{text}</del> : <ins>{text}</ins>;
}
