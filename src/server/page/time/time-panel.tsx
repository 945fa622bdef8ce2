import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { IconButton } from "../parts/icon.tsx";
import { TimeOf, dayOf } from "../parts/time-of.tsx";
import { copyAgent, roster } from "../store/roster.ts";
import { revision } from "../store/revision.ts";
import { goTo, keepPoint, redo, undo } from "../store/time.ts";
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
        {points.slice(0, shown).map((point, index) => (
          <PointRow
            key={point.file}
            point={point}
            day={index === 0 || dayOf(points[index - 1]?.time ?? "") !== dayOf(point.time) ? dayOf(point.time) : null}
            isNow={index === 0}
            isChosen={chosen === point.file}
            onChoose={() => {
              setChosen(point.file);
            }}
          />
        ))}
      </ol>
      {points.length > shown && (
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

type PointRowProps = {
  readonly point: Point;
  /** The day that begins here, going back. */
  readonly day: string | null;
  readonly isNow: boolean;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
};

function PointRow({ point, day, isNow, isChosen, onChoose }: PointRowProps): JSX.Element {
  const { file, time, name, kept, after, problem } = point;
  const label = name ?? after?.replace(/^turn (?=")/, "") ?? "the beginning";
  const copy = async (): Promise<void> => {
    const agent = roster.value?.find(({ id }) => id === agentId.value);
    await copyAgent(agentId.value, `${agent?.name ?? "agent"} then`, file);
  };
  return (
    <li class={isChosen ? "point chosen" : "point"}>
      {day !== null && <p class="quiet">{day}</p>}
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
        <TimeOf at={time} />
      </button>
      {isNow && <p class="quiet now">You are here, or were before the last undo.</p>}
      {isChosen && problem !== null && <p class="problem">{problem}</p>}
      {isChosen && problem === null && (
        <div class="point-more">
          <Preview checkpoint={file} />
          <div class="buttons start">
            <button type="button" class="primary" onClick={() => void attempt(() => goTo(file))}>
              Go there
            </button>
            <IconButton
              icon="copy"
              label="Make an agent that remembers only until here"
              onClick={() => void attempt(copy)}
            />
          </div>
        </div>
      )}
    </li>
  );
}
