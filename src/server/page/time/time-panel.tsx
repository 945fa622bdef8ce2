import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { IconButton } from "../parts/icon.tsx";
import { TimeOf, dayOf } from "../parts/time-of.tsx";
import { useAnswer } from "../parts/use-answer.tsx";
import { copyAgent, roster } from "../store/roster.ts";
import { goTo, keepPoint, redo, undo } from "../store/time.ts";
import { inWords } from "../text/action.ts";
import { agentId, attempt } from "../store/view.ts";
import { Preview } from "./preview.tsx";

type Point = Answer<"get /v1/agents/{agent_id}/checkpoints">[number];

/** Number of points listed at first. */
const FIRST_SHOWN = 40;

/** Every turn and command with a checkpoint: a comparison of memory then and now, and a way to go there. */
export function TimePanel(): JSX.Element {
  const [pointed, setPointed] = useState<string | null>(null);
  const [held, setHeld] = useState<string | null>(null);
  const [shown, setShown] = useState(FIRST_SHOWN);
  const { value: id } = agentId;
  const [points, , waiting] = useAnswer(
    async () => call("get /v1/agents/{agent_id}/checkpoints", { params: { agent_id: id } }),
    [id],
  );
  if (points === null) return waiting;
  const listed = withoutRepeats(points);
  // A pressed point stays chosen while the pointer moves over others.
  const chosen = listed.find(({ file }) => file === (held ?? pointed));
  return (
    <>
      <p class="quiet">
        Point at a moment to see what it remembered then; press it to hold it. Going there takes memory and searches
        along.
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
      <ol class="points" aria-label="Timeline, newest first">
        {listed.slice(0, shown).map((point, index) => (
          <PointRow
            key={point.file}
            point={point}
            label={labelOf(point, index === listed.length - 1)}
            day={index === 0 || dayOf(listed[index - 1]?.time ?? "") !== dayOf(point.time) ? dayOf(point.time) : null}
            isNow={index === 0}
            isChosen={chosen?.file === point.file}
            onPoint={() => {
              setPointed(point.file);
            }}
            onHold={() => {
              setHeld(held === point.file ? null : point.file);
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
      {chosen !== undefined && (
        <Preview point={chosen} label={labelOf(chosen, chosen === listed.at(-1))} isHeld={chosen.file === held} />
      )}
    </>
  );
}

function labelOf({ name, after }: Point, isFirst: boolean): string {
  return name ?? (after === null ? (isFirst ? "the beginning" : "a change") : inWords(after));
}

/** One checkpoint per operation, preferring kept ones. */
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
  readonly label: string;
  /** The day, if this is its newest point. */
  readonly day: string | null;
  readonly isNow: boolean;
  readonly isChosen: boolean;
  readonly onPoint: () => void;
  readonly onHold: () => void;
};

function PointRow({ point, label, day, isNow, isChosen, onPoint, onHold }: PointRowProps): JSX.Element {
  const { file, time, kept, problem } = point;
  const copy = async (): Promise<void> => {
    const agent = roster.value?.find(({ id }) => id === agentId.value);
    await copyAgent(agentId.value, `${agent?.name ?? "agent"} then`, file);
  };
  const isReachable = isChosen && problem === null;
  return (
    <>
      {day !== null && <li class="quiet">{day}</li>}
      <li class={isChosen ? "point chosen" : "point"} onMouseEnter={onPoint}>
        <button type="button" class="point-name" aria-expanded={isChosen} onFocus={onPoint} onClick={onHold}>
          <span class={kept ? "dot kept" : "dot"} aria-hidden="true" />
          <span dir="auto" title={label}>
            {label}
          </span>
          {!isReachable && <TimeOf at={time} isUnderDay />}
          {isNow && <small>You are here.</small>}
        </button>
        {isReachable && (
          <IconButton
            icon="copy"
            label="Copy from here: an agent that remembers until then"
            onClick={() => void attempt(copy)}
          />
        )}
        {isReachable && !isNow && (
          <button type="button" class="primary" onClick={() => void attempt(() => goTo(file))}>
            Go there
          </button>
        )}
      </li>
    </>
  );
}
