import type { JSX } from "preact";
import { useState } from "preact/hooks";

/** Code, with a button that copies it. */
export function CodeBlock({ text, language }: { readonly text: string; readonly language: string }): JSX.Element {
  const [label, setLabel] = useState("Copy");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setLabel("Copied");
    } catch {
      setLabel("Not allowed");
    }
  };
  return (
    <div class="code">
      <pre tabIndex={0} role="group" aria-label={language === "" ? "Code" : `Code in ${language}`}>
        <code>{text}</code>
      </pre>
      <button type="button" onClick={() => void copy()}>
        {label}
      </button>
    </div>
  );
}
