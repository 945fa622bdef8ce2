import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ForgetForm } from "../forget/forget-form.tsx";
import { type Block, memory, writeBlock } from "../store/memory.ts";
import { counted } from "../text/counted.ts";
import { attempt } from "../store/view.ts";
import { BlockCard } from "./block-card.tsx";

const FIRST_LIMIT = 2000;

/** Core memory as the model sees it, and how much more it can search. */
export function MemoryPanel(): JSX.Element {
  const known = memory.value;
  if (known === null) return <p class="quiet">Reading…</p>;
  return (
    <>
      <p class="quiet">
        Always in the model's view, exactly so. Beyond it are {counted(known.recall, "message")} and{" "}
        {counted(known.archival, "passage")} that it can search.
      </p>
      {known.blocks.toSorted(lastIfPersona).map((block) => (
        <BlockCard key={block.label} block={block} />
      ))}
      <NewBlock />
      <ForgetForm />
    </>
  );
}

/** What it knows about others comes before who it is. */
function lastIfPersona(one: Block, other: Block): number {
  return Number(one.label === "persona") - Number(other.label === "persona");
}

function NewBlock(): JSX.Element {
  const [label, setLabel] = useState("");
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        const name = label.trim();
        if (name === "") return;
        setLabel("");
        void attempt(() => writeBlock({ label: name, value: "", limit: FIRST_LIMIT }, null));
      }}
    >
      <input
        aria-label="Label of a new block"
        placeholder="New block, such as projects"
        value={label}
        onInput={(event) => {
          setLabel(event.currentTarget.value);
        }}
      />
      <button type="submit">Add</button>
    </form>
  );
}
