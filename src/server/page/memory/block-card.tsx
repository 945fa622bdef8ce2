import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Question } from "../parts/dialog.tsx";
import { IconButton } from "../parts/icon.tsx";
import { type Block, removeBlock, toEdit, unsavedOf } from "../store/memory.ts";
import { attempt } from "../store/view.ts";
import { BlockEditor } from "./block-editor.tsx";
import { History } from "./history.tsx";
import { Room } from "./room.tsx";

/** Captions of the usual blocks, if they have no description. */
const CAPTIONS: Readonly<Record<string, string>> = {
  human: "What it knows about you.",
  persona: "Who it is.",
};

type Mode = "read" | "edit" | "history" | "remove";

/** One block of core memory. */
export function BlockCard({ block }: { readonly block: Block }): JSX.Element {
  const [mode, setMode] = useState<Mode>(unsavedOf(block.label) === undefined ? "read" : "edit");
  const { label, value, limit, description, readOnly = false } = block;
  const caption = description ?? CAPTIONS[label];
  const toRead = (): void => {
    setMode("read");
  };
  const ref = useRef<HTMLElement>(null);
  const wanted = toEdit.value?.label === label ? toEdit.value : null;
  useEffect(() => {
    if (wanted === null) return;
    toEdit.value = null;
    setMode("edit");
    requestAnimationFrame(() => {
      ref.current?.scrollIntoView({ block: "start" });
      const area = ref.current?.querySelector("textarea");
      if (area != null) select(area, wanted.line);
    });
  }, [wanted]);
  return (
    <section ref={ref} class="block" aria-label={`Block ${label}`}>
      <header>
        <h2>
          <bdi>{label}</bdi>
        </h2>
        {readOnly && <span class="tag">read-only for the agent</span>}
        <IconButton
          icon="time"
          label={`History of ${label}`}
          isPressed={mode === "history"}
          onClick={() => {
            setMode(mode === "history" ? "read" : "history");
          }}
        />
        <IconButton
          icon="edit"
          label={`Edit ${label}`}
          isPressed={mode === "edit"}
          onClick={() => {
            setMode(mode === "edit" ? "read" : "edit");
          }}
        />
        <IconButton
          icon="close"
          label={`Remove ${label}`}
          onClick={() => {
            setMode("remove");
          }}
        />
      </header>
      {caption !== undefined && (
        <p class="quiet" dir="auto">
          {caption}
        </p>
      )}
      {mode === "edit" ? (
        <BlockEditor
          block={block}
          onDone={() => {
            toRead();
            ref.current?.querySelector<HTMLElement>("[aria-pressed=true]")?.focus();
          }}
        />
      ) : (
        <>
          <pre class="seen" dir="auto" tabIndex={0} aria-label={`What the model sees in ${label}`}>
            {value === "" ? <span class="quiet">(empty)</span> : value}
          </pre>
          <Room used={value.length} limit={limit} />
        </>
      )}
      {mode === "history" && <History label={label} />}
      {mode === "remove" && (
        <Question
          title={`Remove ${label}?`}
          text="The agent no longer sees it. One undo brings it back."
          action="Remove"
          onYes={() => void attempt(() => removeBlock(label))}
          onClose={toRead}
        >
          <pre class="seen" dir="auto" tabIndex={0}>
            {value}
          </pre>
        </Question>
      )}
    </section>
  );
}

/** Focuses the box, with the line selected in it if it is there. The box scrolls to a selection made before it has the focus. */
function select(area: HTMLTextAreaElement, line: string): void {
  const start = line === "" ? -1 : area.value.indexOf(line);
  if (start >= 0) area.setSelectionRange(start, start + line.length);
  area.focus();
}
