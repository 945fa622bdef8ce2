import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Diff } from "../parts/diff.tsx";
import { CallError } from "../client/call.ts";
import { type Block, type Unsaved, keepUnsaved, memory, readMemory, unsavedOf, writeBlock } from "../store/memory.ts";
import { dismissAll, tell, tellFailure } from "../store/view.ts";
import { merge } from "../text/merge.ts";
import { Room } from "./room.tsx";

/** The agent's version of a text that a person is editing, and the number of conflicts. */
type Conflict = { readonly theirs: string; readonly count: number };

/** Edits a block in place. Merges what the agent writes meanwhile, so that neither edit is lost. */
export function BlockEditor({ block, onDone }: { readonly block: Block; readonly onDone: () => void }): JSX.Element {
  const [{ fields, base }, setEdited] = useState<Unsaved>(
    unsavedOf(block.label) ?? { fields: block, base: block.value },
  );
  const [conflict, setConflict] = useState<Conflict | null>(null);
  // `base` is the block's text when this editor last agreed with the server.
  const set = (changes: Partial<Block>, agreed = base): void => {
    const edited = { fields: { ...fields, ...changes }, base: agreed };
    keepUnsaved(block.label, edited);
    setEdited(edited);
  };
  const end = (): void => {
    keepUnsaved(block.label, undefined);
    onDone();
  };
  const mergeWith = (theirs: string): void => {
    const { text, conflicts } = merge(base, fields.value, theirs);
    setConflict({ theirs, count: conflicts });
    set({ value: text }, theirs);
  };
  const save = async (): Promise<void> => {
    dismissAll();
    try {
      const { description, ...rest } = fields;
      await writeBlock(description === undefined || description === "" ? rest : fields, base);
      end();
      tell("Saved. One undo brings the old text back.");
    } catch (error) {
      if (!(error instanceof CallError) || error.code !== "block_changed") {
        tellFailure(error);
        return;
      }
      await readMemory();
      mergeWith(memory.value?.blocks.find(({ label }) => label === block.label)?.value ?? "");
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
              mergeWith(block.value);
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
        <button type="button" onClick={end}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={fields.value.length > fields.limit}>
          Save
        </button>
      </div>
    </form>
  );
}
