import type { JSX } from "preact";
import type { Piece } from "../text/difference.ts";
import { type ChangedLine, changedLines, wordsOf } from "../text/line-diff.ts";

type DiffProps = { readonly before: string; readonly after: string };

/** The changed lines of two texts: removed words are struck through, added ones are marked. */
export function Diff({ before, after }: DiffProps): JSX.Element {
  return <DiffOfLines lines={changedLines(before, after)} />;
}

export function DiffOfLines({ lines }: { readonly lines: readonly ChangedLine[] }): JSX.Element {
  return (
    <span class="diff">
      {lines.map((line, index) => (
        <span key={index} dir="auto">
          {wordsOf(line).map((piece, at) => (
            <Part key={at} piece={piece} />
          ))}
        </span>
      ))}
    </span>
  );
}

function Part({ piece: { kind, text } }: { readonly piece: Piece }): JSX.Element {
  if (kind === "same") return <>{text}</>;
  return kind === "removed" ? <del>{text}</del> : <ins>{text}</ins>;
}
