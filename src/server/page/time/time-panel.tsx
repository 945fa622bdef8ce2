import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { Icon } from "../parts/icon.tsx";
import { TimeOf, dayOf } from "../parts/time-of.tsx";
import { copyAgent, roster } from "../store/roster.ts";
import { revision } from "../store/revision.ts";
import { goTo, keepPoint, redo, undo } from "../store/time.ts";
import { inWords } from "../text/action.ts";
import { agentId, attempt } from "../store/view.ts";
import { Preview } from "./preview.tsx";

type Point = Answer<"get /v1/agents/{agent_id}/checkpoints">[number];

/** Points that are listed at first. */
const FIRST_SHOWN = 40;

/** Every turn and command with a checkpoint behind it: a look at memory then, beside memory now, and the way there. */
export function TimePanel(): JSX.Element {
  const [points, setPoints] = useState<readonly Point[] | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [shown, setShown] = useState(FIRST_SHOWN);
  const { value: id } = agentId;
  const { value: now } = revision;
  useEffect(() => {
    void attempt(async () => {
      setPoints(await call("get /v1/agents/{agent_id}/checkpoints", { params: { agent_id: id } }));
    });
  }, [id, now]);
  if (points === null) return <p class="quiet">Reading…</p>;
  const listed = withoutRepeats(points);
  return (
    <>
      <p class="quiet">
        Point at a moment to see what it remembered then. Going there takes memory and searches along.
      </p>
      <div class="buttons start">
        <button type="button" onClick={() => void attempt(undo)}>
          Undo
        </button>
        <button type="button" onClick={() => void attempt(redo)}>
          Redo
        </button>
        <button type="button" onClick={() => void attempt(keepPoint)}>
          Keep this point
        </button>
      </div>
      <ol class="points" aria-label="Timeline, the newest first">
        {listed.slice(0, shown).map((point, index) => (
          <PointRow
            key={point.file}
            point={point}
            day={index === 0 || dayOf(listed[index - 1]?.time ?? "") !== dayOf(point.time) ? dayOf(point.time) : null}
            isNow={index === 0}
            isFirst={index === listed.length - 1}
            isChosen={chosen === point.file}
            onChoose={() => {
              setChosen(point.file);
            }}
          />
        ))}
      </ol>
      {listed.length > shown && (
        <button
          type="button"
          onClick={() => {
            setShown(shown + FIRST_SHOWN);
          }}
        >
          Earlier
        </button>
      )}
    </>
  );
}

/** One checkpoint of each operation, the kept ones before the others. */
function withoutRepeats(points: readonly Point[]): Point[] {
  const known = new Set<number | null>(points.flatMap(({ op, kept }) => (kept ? [op] : [])));
  return points.filter(({ op, kept }) => {
    if (kept || op === null) return true;
    const isNew = !known.has(op);
    known.add(op);
    return isNew;
  });
}

type PointRowProps = {
  readonly point: Point;
  /** The day that begins here, going back. */
  readonly day: string | null;
  readonly isNow: boolean;
  readonly isFirst: boolean;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
};

function PointRow({ point, day, isNow, isFirst, isChosen, onChoose }: PointRowProps): JSX.Element {
  const { file, time, name, kept, after, problem } = point;
  const label = name ?? (after === null ? (isFirst ? "the beginning" : "a change") : inWords(after));
  const copy = async (): Promise<void> => {
    const agent = roster.value?.find(({ id }) => id === agentId.value);
    await copyAgent(agentId.value, `${agent?.name ?? "agent"} then`, file);
  };
  return (
    <>
      {day !== null && <li class="quiet">{day}</li>}
      <li class={isChosen ? "point chosen" : "point"}>
        <button
          type="button"
          class="point-name"
          aria-expanded={isChosen}
          onMouseEnter={onChoose}
          onFocus={onChoose}
          onClick={onChoose}
        >
          <span class={kept ? "dot kept" : "dot"} aria-hidden="true" />
          <span dir="auto">{label}</span>
          <TimeOf at={time} isUnderDay />
        </button>
        {isNow && <p class="quiet now">You are here.</p>}
        {isChosen && problem !== null && <p class="problem">{problem}</p>}
        {isChosen && problem === null && (
          <div class="point-more">
            <Preview checkpoint={file} />
            <div class="buttons start">
              {!isNow && (
                <button type="button" class="primary" onClick={() => void attempt(() => goTo(file))}>
                  Go there
                </button>
              )}
              <button
                type="button"
                title="Makes an agent that remembers only until here"
                onClick={() => void attempt(copy)}
              >
                <Icon name="copy" /> Copy from here
              </button>
            </div>
          </div>
        )}
      </li>
    </>
  );
}
