import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isPaletteOpen } from "../store/view.ts";
import { pageCommands } from "./commands.ts";

/** The command palette (Ctrl-K). */
export function Palette(): JSX.Element {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    ref.current?.showModal();
  }, []);
  const words = text.toLowerCase().split(/\s+/);
  const found = pageCommands().filter(({ name, also = "" }) =>
    words.every((word) => `${name} ${also}`.toLowerCase().includes(word)),
  );
  const chosen = Math.min(at, found.length - 1);
  const run = (index: number): void => {
    const command = found[index];
    ref.current?.close();
    command?.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") setAt((chosen + 1) % Math.max(1, found.length));
    else if (event.key === "ArrowUp") setAt((chosen - 1 + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") run(chosen);
    else return;
    event.preventDefault();
  };
  useLayoutEffect(() => {
    document.getElementById(`command-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <dialog
      ref={ref}
      class="dialog palette"
      aria-label="Commands"
      onClose={() => {
        isPaletteOpen.value = false;
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Command"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={found.length === 0 ? undefined : `command-${chosen}`}
        placeholder="What would you like to do?"
        value={text}
        onKeyDown={onKeyDown}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
      />
      <ul id="commands" role="listbox" aria-label="Commands">
        {found.map(({ name, keys }, index) => (
          <li
            key={name}
            id={`command-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={() => {
              run(index);
            }}
          >
            <span dir="auto">{name}</span>
            {keys !== undefined && <kbd>{keys}</kbd>}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="quiet">No matching command.</p>}
    </dialog>
  );
}
