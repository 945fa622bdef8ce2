import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

type DialogProps = {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
};

/** A question or a form over the page. Escape closes it, and the focus goes back to where it was. */
function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
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
  /** Whether the answer may be yes: what it is about may not be known yet. */
  readonly isReady?: boolean;
  readonly children?: ComponentChildren;
};

/** Asks before something that cannot be taken back. */
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

type AskingButtonProps = Omit<QuestionProps, "onClose"> & { readonly label: string };

/** A button that does what it says once a person has confirmed it. */
export function AskingButton({ label, ...question }: AskingButtonProps): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <button
        type="button"
        class="plain"
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
