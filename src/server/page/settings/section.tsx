import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

type SectionProps = { readonly title: string; readonly children: ComponentChildren };

/** One part of the settings, folded. Its contents are loaded when it is opened. */
export function Section({ title, children }: SectionProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      class="section"
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>{title}</summary>
      {isOpen && <div class="section-body">{children}</div>}
    </details>
  );
}
