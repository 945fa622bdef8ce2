import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { revision } from "../store/revision.ts";
import { dismiss, tellFailure } from "../store/view.ts";

type Known<T> = readonly [answer: T | null, again: () => Promise<boolean>, waiting: JSX.Element];

/**
 * The result of `read`, which runs again whenever the agent or one of `because` changes; null until the first result. The second
 * value reads it again; the third is a placeholder to show meanwhile.
 */
export function useAnswer<T>(read: () => Promise<T>, because: readonly unknown[] = []): Known<T> {
  const [answer, setAnswer] = useState<T | null>(null);
  const [hasFailed, setFailed] = useState(false);
  // Answers may arrive out of order: only the one to the last request counts.
  const last = useRef(0);
  const notice = useRef(0);
  const again = async (): Promise<boolean> => {
    last.current += 1;
    const mine = last.current;
    try {
      const found = await read();
      if (mine !== last.current) return true;
      setAnswer(found);
      setFailed(false);
      dismiss(notice.current);
      return true;
    } catch (error) {
      if (mine !== last.current) return false;
      setFailed(true);
      dismiss(notice.current);
      notice.current = tellFailure(error);
      return false;
    }
  };
  useEffect(() => {
    void again();
  }, [...because, revision.value]);
  return [answer, again, hasFailed ? <Unread onAgain={again} /> : <p class="quiet">Reading…</p>];
}

function Unread({ onAgain }: { readonly onAgain: () => Promise<boolean> }): JSX.Element {
  return (
    <p class="quiet">
      It could not be read.{" "}
      <button type="button" class="plain" onClick={() => void onAgain()}>
        Try again
      </button>
    </p>
  );
}
