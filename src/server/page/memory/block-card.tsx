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
  const isWanted = toEdit.value === label;
  useEffect(() => {
    if (!isWanted) return;
    toEdit.value = null;
    setMode("edit");
    requestAnimationFrame(() => {
      ref.current?.scrollIntoView({ block: "start" });
      ref.current?.querySelector("textarea")?.focus();
    });
  }, [isWanted]);
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
        <BlockEditor block={block} onDone={toRead} />
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
