import { type Panel, panel } from "../store/view.ts";

/** Shows a panel and moves the focus to it: to the box of a search, else to its tab. */
export function openPanel(name: Panel): void {
  panel.value = name;
  requestAnimationFrame(() => {
    const focused = [".panel [type=search]", ".panel-head [aria-current]"].map((it) => document.querySelector(it));
    focused.find((it) => it instanceof HTMLElement)?.focus();
  });
}
