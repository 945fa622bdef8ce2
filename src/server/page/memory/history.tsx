import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Edit } from "../../wire/entries.ts";
import { type Answer, call } from "../client/call.ts";
import { DiffOfLines } from "../parts/diff.tsx";
import { TimeOf } from "../parts/time-of.tsx";
import { useAnswer } from "../parts/use-answer.tsx";
import { ShowWhere } from "../search/show-where.tsx";
import { agentId } from "../store/view.ts";
import { inWords } from "../text/action.ts";
import { historyOfFact } from "../text/fact-history.ts";
import { type ChangedLine, changedLines } from "../text/line-diff.ts";

type BlockEdit = Answer<"get /v1/agents/{agent_id}/history">[number];
type HistoryProps = {
  readonly label: string;
  /** Shows only the history of this edit's lines; absent: all edits. */
  readonly fact?: Edit;
};

/** The edits of a block, or of one fact in it, newest first. */
export function History({ label, fact }: HistoryProps): JSX.Element {
  const [isWhole, setWhole] = useState(fact === undefined);
  const { value: id } = agentId;
  const [edits, , waiting] = useAnswer(
    async () => call("get /v1/agents/{agent_id}/history", { params: { agent_id: id }, query: { label } }),
    [id, label],
  );
  if (edits === null) return waiting;
  const shown =
    isWhole || fact === undefined
      ? edits.map((edit) => ({ edit, lines: changedLines(edit.before, edit.after) }))
      : historyOfFact(edits, fact);
  return (
    <>
      {shown.length === 0 && (
        <p class="quiet">{isWhole ? "Nobody has edited it yet." : "All of its edits were undone."}</p>
      )}
      <ol class="history" aria-label={isWhole ? `History of ${label}` : "History of this fact"}>
        {shown.toReversed().map(({ edit, lines }) => (
          <OneEdit key={edit.op} edit={edit} lines={lines} />
        ))}
      </ol>
      {fact !== undefined && (
        <button
          type="button"
          class="plain whole"
          onClick={() => {
            setWhole(!isWhole);
          }}
        >
          {isWhole ? "Only this fact" : `All of ${label}`}
        </button>
      )}
    </>
  );
}

type OneEditProps = { readonly edit: BlockEdit; readonly lines: readonly ChangedLine[] };

function OneEdit({ edit: { at, action, thought, messageId }, lines }: OneEditProps): JSX.Element {
  return (
    <li>
      <p class="quiet">
        <TimeOf at={at} /> <span dir="auto">{inWords(action)}</span>
      </p>
      <DiffOfLines lines={lines} />
      {thought !== null && <q dir="auto">{thought}</q>}
      {messageId !== null && <ShowWhere id={messageId} />}
    </li>
  );
}
