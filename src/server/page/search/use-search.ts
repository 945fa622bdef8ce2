import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { revision } from "../store/revision.ts";
import type { Wanted } from "../store/searching.ts";

export type Found = Answer<"get /v1/agents/{agent_id}/search">;

const PAUSE_MS = 250;
/** Results shown of each memory when all are searched. */
const OF_EACH = 5;

/** Results of a search shortly after the request changed, and why it failed. */
export function useSearch(id: string, asked: Wanted): { readonly found: Found | null; readonly problem: string } {
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState("");
  const isEmpty = asked.query.trim() === "";
  useEffect(() => {
    setProblem("");
    if (isEmpty) {
      setFound(null);
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      search(id, asked, stop.signal).then(setFound, (error: unknown) => {
        if (!stop.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [id, asked, revision.value, isEmpty]);
  return { found, problem };
}

async function search(id: string, asked: Wanted, signal: AbortSignal): Promise<Found> {
  const { query, in: memory, role, source, from, to, page } = asked;
  return call("get /v1/agents/{agent_id}/search", {
    params: { agent_id: id },
    query: {
      query,
      in: memory,
      ...(memory === "all" ? { size: OF_EACH } : { page }),
      ...(role === "" || memory !== "recall" ? {} : { role }),
      ...(source === "" || memory !== "archival" ? {} : { source }),
      ...(from === "" ? {} : { from }),
      ...(to === "" ? {} : { to }),
    },
    signal,
  });
}
