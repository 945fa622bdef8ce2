import type { JSX } from "preact";
import { counted } from "../text/counted.ts";

type TotalProps = { readonly total: number; readonly notices: readonly string[] | undefined };

/** How many results there are, and what limits them. */
export function Total({ total, notices = [] }: TotalProps): JSX.Element {
  return (
    <>
      <p class="quiet" role="status">
        {total === 0 ? "Nothing is like that." : counted(total, "result", "results, best first")}
      </p>
      {notices.map((notice) => (
        <p key={notice} class="banner" dir="auto">
          {notice}
        </p>
      ))}
    </>
  );
}
