import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { Diff } from "../parts/diff.tsx";
import { TimeOf } from "../parts/time-of.tsx";
import { memory } from "../store/memory.ts";
import { agentId, look } from "../store/view.ts";

type Point = Answer<"get /v1/agents/{agent_id}/checkpoints">[number];
type Then = Answer<"get /v1/agents/{agent_id}/checkpoints/{checkpoint}/memory">;

/** Milliseconds to point at a checkpoint before it is loaded. */
const PAUSE_MS = 120;

type PreviewProps = {
  readonly point: Point;
  readonly label: string;
  /** Whether its row was pressed and must stay uncovered. */
  readonly isHeld: boolean;
};

/** Memory at a checkpoint beside memory now. It is below the timeline, so that no row moves under the pointer. */
export function Preview({ point, label, isHeld }: PreviewProps): JSX.Element {
  const { file, time, problem } = point;
  const ref = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (!isHeld || ref.current === null) return undefined;
    // It grows when memory has loaded.
    const observer = new ResizeObserver(uncover);
    observer.observe(ref.current);
    return () => {
      observer.disconnect();
    };
  }, [isHeld, file]);
  return (
    <section ref={ref} class="preview" aria-label="Memory then">
      <h2>
        <span dir="auto">{label}</span> <TimeOf at={time} />
      </h2>
      {problem === null ? <MemoryThen key={file} checkpoint={file} /> : <p class="problem">{problem}</p>}
    </section>
  );
}

/** Scrolls the chosen row out from under the preview. */
function uncover(): void {
  document.querySelector(".point.chosen")?.scrollIntoView({ block: "nearest" });
}

/** Lines that loading the checkpoint would remove are struck through; lines that it would restore are marked. */
function MemoryThen({ checkpoint }: { readonly checkpoint: string }): JSX.Element {
  const [then, setThen] = useState<Then | null>(null);
  const { value: id } = agentId;
  useEffect(() => {
    const timer = setTimeout(() => {
      void look(async () => {
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
    <div role="status">
      {changed.length === 0 && <p class="quiet">Core memory said then what it says now.</p>}
      {changed.map((label) => (
        <p key={label}>
          <b dir="auto">{label}</b>: <Diff before={valueIn(now, label)} after={valueIn(then.blocks, label)} />
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
