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

/** As `Diff`, of the lines that changed alone: the texts may be long. */
export function ChangedLines({ before, after }: { readonly before: string; readonly after: string }): JSX.Element {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const gone = old.filter((line) => !now.includes(line)).join("\n");
  const come = now.filter((line) => !old.includes(line)).join("\n");
  return <Diff before={gone} after={come} />;
}

function Part({ piece: { kind, text } }: { readonly piece: Piece }): JSX.Element {
  if (kind === "same") return <>{text}</>;
  return kind === "removed" ? <del>{text}</del> : <ins>{text}</ins>;
}
