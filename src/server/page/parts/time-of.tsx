import type { JSX } from "preact";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

type TimeOfProps = {
  readonly at: string;
  /** Whether it is shown below a heading with its day. */
  readonly isUnderDay?: boolean;
};

/** A time of day, after its date unless that is today. */
export function TimeOf({ at, isUnderDay = false }: TimeOfProps): JSX.Element | null {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return null;
  const isShort = isUnderDay || date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={whole.format(date)}>
      {isShort ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`}
    </time>
  );
}

/** The day, as a heading. */
export function dayOf(at: string): string {
  const [date, today] = [new Date(at), new Date()];
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return "Today";
  if (date.toDateString() === yesterday.toDateString()) return "Yesterday";
  return day.format(date);
}
