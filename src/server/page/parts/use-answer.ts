import { useEffect, useState } from "preact/hooks";
import { attempt } from "../store/view.ts";

/** What `read` finds out, and again whenever one of `because` changes; null until it has. The second reads it again. */
export function useAnswer<T>(read: () => Promise<T>, because: readonly unknown[]): [T | null, () => Promise<boolean>] {
  const [answer, setAnswer] = useState<T | null>(null);
  const again = async (): Promise<boolean> =>
    attempt(async () => {
      setAnswer(await read());
    });
  useEffect(() => {
    void again();
  }, because);
  return [answer, again];
}
