import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { makeAgent } from "../store/roster.ts";
import { isSideBarOpen } from "../store/view.ts";

/** The focus and whether the list of agents was open before the form was; null while there is no form. */
const cameFrom = signal<{ readonly element: Element | null; readonly wasOpen: boolean } | null>(null);

/** Asks for a new agent's name. */
export function openNewAgent(): void {
  cameFrom.value = { element: document.activeElement, wasOpen: isSideBarOpen.value };
  isSideBarOpen.value = true;
}

function cancel(): void {
  const { element, wasOpen } = close();
  isSideBarOpen.value = wasOpen;
  requestAnimationFrame(() => {
    const canFocus = element instanceof HTMLElement && element !== document.body && element.isConnected;
    focusOn(canFocus ? element : "#new-agent");
  });
}

function close(): NonNullable<typeof cameFrom.value> {
  const from = cameFrom.value ?? { element: null, wasOpen: false };
  cameFrom.value = null;
  return from;
}

function focusOn(target: HTMLElement | string): void {
  (typeof target === "string" ? document.querySelector<HTMLElement>(target) : target)?.focus();
}

/** A button that opens a form for a new agent's name. */
export function NewAgent(): JSX.Element {
  if (cameFrom.value !== null) return <NameForm />;
  return (
    <button id="new-agent" type="button" class="new" onClick={openNewAgent}>
      <Icon name="plus" /> New agent
    </button>
  );
}

function NameForm(): JSX.Element {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    const onPress = ({ target }: Event): void => {
      if (target instanceof Node && form.current?.contains(target) === false) close();
    };
    document.addEventListener("pointerdown", onPress);
    return () => {
      document.removeEventListener("pointerdown", onPress);
    };
  }, []);
  const make = async (name: string): Promise<void> => {
    try {
      await makeAgent(name);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      return;
    }
    close();
    isSideBarOpen.value = false;
    requestAnimationFrame(() => {
      focusOn("#composer");
    });
  };
  return (
    <form
      ref={form}
      class="new naming"
      onSubmit={(event) => {
        event.preventDefault();
        // Enter may come before what was typed is drawn. For that reason the button is never disabled, either.
        const typed = field.current?.value.trim() ?? "";
        if (typed !== "") void make(typed);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") cancel();
      }}
    >
      <input
        ref={field}
        aria-label="Name of the new agent"
        placeholder="Its name"
        dir="auto"
        value={name}
        onInput={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      {problem !== "" && (
        <p role="alert" class="problem">
          {problem}
        </p>
      )}
      <div class="buttons">
        <button type="button" onClick={cancel}>
          Cancel
        </button>
        <button type="submit" class="primary">
          Make
        </button>
      </div>
    </form>
  );
}
