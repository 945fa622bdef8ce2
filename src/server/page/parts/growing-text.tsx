import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

type GrowingTextProps = {
  readonly label: string;
  readonly value: string;
  readonly onWrite: (text: string) => void;
  readonly onEnter: () => void;
  readonly onEscape?: () => void;
  /** Called with a pasted text. Returns whether it takes it, so that it is not inserted. */
  readonly onPaste?: (text: string) => boolean;
  readonly id?: string;
  readonly placeholder?: string;
  /** Whether it takes the focus when it appears. */
  readonly isFocused?: boolean;
};

/** A text box that grows with its text. Enter submits, Shift-Enter starts a new line. */
export function GrowingText({
  label,
  value,
  onWrite,
  onEnter,
  onEscape,
  onPaste,
  id,
  placeholder,
  isFocused = false,
}: GrowingTextProps): JSX.Element {
  const ref = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const area = ref.current;
    if (area === null) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [value]);
  useLayoutEffect(() => {
    if (!isFocused) return;
    ref.current?.focus();
    ref.current?.setSelectionRange(value.length, value.length);
  }, []);
  return (
    <textarea
      id={id}
      ref={ref}
      rows={1}
      dir="auto"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onInput={(event) => {
        onWrite(event.currentTarget.value);
      }}
      onPaste={(event) => {
        if (onPaste?.(event.clipboardData?.getData("text/plain") ?? "") === true) event.preventDefault();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onEscape?.();
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        onEnter();
      }}
    />
  );
}
