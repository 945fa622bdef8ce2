import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Diff } from "../parts/diff.tsx";
import { CallError } from "../client/call.ts";
import { type Block, memory, readMemory, writeBlock } from "../store/memory.ts";
import { tell } from "../store/view.ts";
import { merge } from "../text/merge.ts";
import { Room } from "./room.tsx";

/** What a person and the agent made of the same text at the same time. */
type Conflict = { readonly theirs: string; readonly count: number };

/** Edits a block in place. What the agent writes meanwhile is brought together with it, and neither is lost. */
export function BlockEditor({ block, onDone }: { readonly block: Block; readonly onDone: () => void }): JSX.Element {
  const [fields, setFields] = useState(block);
  // What the block said when this editor last agreed with the server.
  const [base, setBase] = useState(block.value);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const set = (changes: Partial<Block>): void => {
    setFields({ ...fields, ...changes });
  };
  const bringTogether = (theirs: string): void => {
    const { text, conflicts } = merge(base, fields.value, theirs);
    setConflict({ theirs, count: conflicts });
    set({ value: text });
    setBase(theirs);
  };
  const save = async (): Promise<void> => {
    try {
      const { description, ...rest } = fields;
      await writeBlock(description === undefined || description === "" ? rest : fields, base);
      onDone();
    } catch (error) {
      if (!(error instanceof CallError) || error.code !== "block_changed") {
        tell(error instanceof Error ? error.message : String(error), true);
        return;
      }
      await readMemory();
      bringTogether(memory.value?.blocks.find(({ label }) => label === block.label)?.value ?? "");
    }
  };
  const isStale = block.value !== base;
  return (
    <form
      class="block-editor"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {isStale && (
        <p class="banner" role="status">
          The agent changed this block while you were editing.{" "}
          <button
            type="button"
            onClick={() => {
              bringTogether(block.value);
            }}
          >
            Bring both together
          </button>
        </p>
      )}
      {conflict !== null && (
        <div class="banner" role="status">
          {conflict.count === 0
            ? "Both edits are in the text below. Look at it, and save."
            : "You both changed the same lines: your version stands above the agent's. Keep what is right, and save."}
          <p>
            The agent's: <Diff before={block.value === conflict.theirs ? base : block.value} after={conflict.theirs} />
          </p>
        </div>
      )}
      <textarea
        aria-label={`Text of ${block.label}`}
        dir="auto"
        value={fields.value}
        rows={Math.min(16, fields.value.split("\n").length + 3)}
        onInput={(event) => {
          set({ value: event.currentTarget.value });
        }}
      />
      <Room used={fields.value.length} limit={fields.limit} />
      <label>
        Description, which the model sees
        <input
          value={fields.description ?? ""}
          dir="auto"
          onInput={(event) => {
            set({ description: event.currentTarget.value });
          }}
        />
      </label>
      <label>
        Limit in characters
        <input
          type="number"
          min={1}
          value={fields.limit}
          onInput={(event) => {
            set({ limit: event.currentTarget.valueAsNumber });
          }}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={fields.readOnly ?? false}
          onChange={(event) => {
            set({ readOnly: event.currentTarget.checked });
          }}
        />
        Read-only for the agent
      </label>
      <div class="buttons">
        <button type="button" onClick={onDone}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={fields.value.length > fields.limit}>
          Save
        </button>
      </div>
    </form>
  );
}
