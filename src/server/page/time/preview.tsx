import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { ChangedLines } from "../parts/diff.tsx";
import { memory } from "../store/memory.ts";
import { agentId, attempt } from "../store/view.ts";

type Then = Answer<"get /v1/agents/{agent_id}/checkpoints/{checkpoint}/memory">;

/** How long one points at a moment before it is read. */
const PAUSE_MS = 120;

/** Memory at a checkpoint beside memory now: what would go is struck through, what would come is marked. */
export function Preview({ checkpoint }: { readonly checkpoint: string }): JSX.Element {
  const [then, setThen] = useState<Then | null>(null);
  const { value: id } = agentId;
  useEffect(() => {
    const timer = setTimeout(() => {
      void attempt(async () => {
        const params = { agent_id: id, checkpoint };
        setThen(await call("get /v1/agents/{agent_id}/checkpoints/{checkpoint}/memory", { params }));
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [id, checkpoint]);
  if (then === null) return <p class="quiet">Reading…</p>;
  const now = memory.value?.blocks ?? [];
  const labels = [...new Set([...then.blocks, ...now].map(({ label }) => label))];
  const valueIn = (blocks: Then["blocks"], label: string): string =>
    blocks.find((it) => it.label === label)?.value ?? "";
  const changed = labels.filter((label) => valueIn(then.blocks, label) !== valueIn(now, label));
  return (
    <div class="preview" role="status">
      {changed.length === 0 && <p class="quiet">Core memory said then what it says now.</p>}
      {changed.map((label) => (
        <p key={label}>
          <b dir="auto">{label}</b>: <ChangedLines before={valueIn(now, label)} after={valueIn(then.blocks, label)} />
        </p>
      ))}
      {then.said.length > 0 && (
        <ul class="quiet" aria-label="Last said then">
          {then.said.map(({ id: message, role, text }) => (
            <li key={message} dir="auto">
              {role === "user" ? "You" : "It"}: {text.slice(0, 160)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
