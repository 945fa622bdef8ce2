import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useId, useRef, useState } from "preact/hooks";

type DialogProps = {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
};

/** A modal dialog. Escape closes it and restores the focus. */
function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    ref.current?.showModal();
  }, []);
  return (
    <dialog ref={ref} class="dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

type QuestionProps = {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onYes: () => void;
  readonly onClose: () => void;
  /** Whether confirming is possible yet. */
  readonly isReady?: boolean;
  readonly children?: ComponentChildren;
};

/** Asks for confirmation. */
export function Question({
  title,
  text,
  action,
  onYes,
  onClose,
  isReady = true,
  children,
}: QuestionProps): JSX.Element {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {children}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="danger"
          disabled={!isReady}
          onClick={() => {
            onClose();
            onYes();
          }}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}

type AskingButtonProps = Omit<QuestionProps, "onClose"> & {
  readonly label: string;
  /** Accessible name, if the label alone does not say what it acts on. */
  readonly name?: string;
};

/** A button whose action needs confirmation. */
export function AskingButton({ label, name, ...question }: AskingButtonProps): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <button
        type="button"
        class="plain"
        aria-label={name}
        onClick={() => {
          setAsking(true);
        }}
      >
        {label}
      </button>
      {isAsking && (
        <Question
          {...question}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}
