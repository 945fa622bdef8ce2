import type { JSX } from "preact";
import { ContextPanel } from "../context/context-panel.tsx";
import { MemoryPanel } from "../memory/memory-panel.tsx";
import { SearchPanel } from "../search/search-panel.tsx";
import { SettingsPanel } from "../settings/settings-panel.tsx";
import { SourcesPanel } from "../sources/sources-panel.tsx";
import { TimePanel } from "../time/time-panel.tsx";
import { type Panel, agentId, panel } from "../store/view.ts";
import { IconButton } from "../parts/icon.tsx";

/** What can stand beside the chat, in the order of its tabs. */
const VIEWS: Readonly<Record<Panel, { readonly label: string; readonly View: () => JSX.Element }>> = {
  memory: { label: "Memory", View: MemoryPanel },
  search: { label: "Search", View: SearchPanel },
  time: { label: "Time", View: TimePanel },
  context: { label: "Context", View: ContextPanel },
  sources: { label: "Sources", View: SourcesPanel },
  settings: { label: "Settings", View: SettingsPanel },
};

/** The panel beside the chat, with a tab for each. */
export function PanelArea(): JSX.Element | null {
  const { value: shown } = panel;
  if (shown === null) return null;
  const { View, label } = VIEWS[shown];
  return (
    <aside class="panel" aria-label={label}>
      <header class="panel-head">
        <nav aria-label="Panels">
          {Object.entries(VIEWS).map(([name, view]) => (
            <button
              key={name}
              type="button"
              aria-current={name === shown ? "page" : undefined}
              onClick={() => {
                panel.value = name as Panel;
              }}
            >
              {view.label}
            </button>
          ))}
        </nav>
        <IconButton
          icon="close"
          label="Close the panel"
          onClick={() => {
            panel.value = null;
          }}
        />
      </header>
      <div class="panel-body">
        {agentId.value === "" && shown !== "settings" ? <p class="quiet">There is no agent yet.</p> : <View />}
      </div>
    </aside>
  );
}
