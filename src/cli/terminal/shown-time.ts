/** A time as a person reads it, the same in every country: local, `2026-11-21 03:01`. */
export function shownTime(iso: string): string {
  const date = new Date(iso);
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
