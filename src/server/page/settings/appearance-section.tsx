import type { JSX } from "preact";
import { type Theme, theme } from "../store/view.ts";

const THEMES: Readonly<Record<Theme, string>> = { system: "As the system", light: "Light", dark: "Dark" };

/** How the page looks in this browser. */
export function AppearanceSection(): JSX.Element {
  return (
    <div class="choices" role="group" aria-label="Theme">
      {Object.entries(THEMES).map(([name, label]) => (
        <button
          key={name}
          type="button"
          aria-pressed={theme.value === name}
          onClick={() => {
            theme.value = name as Theme;
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
