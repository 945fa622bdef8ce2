import type { JSX } from "preact";
import { ContextPanel } from "../context/context-panel.tsx";
import { MemoryPanel } from "../memory/memory-panel.tsx";
import { SearchPanel } from "../search/search-panel.tsx";
import { SettingsPanel } from "../settings/settings-panel.tsx";
import { SourcesPanel } from "../sources/sources-panel.tsx";
import { TimePanel } from "../time/time-panel.tsx";
import { type Panel, agentId, panel } from "../store/view.ts";
import { Icon, IconButton } from "../parts/icon.tsx";
import { Toasts } from "../parts/toasts.tsx";
import { openPanel } from "./open-panel.ts";

type PanelView = {
  readonly label: string;
  /** Shown in place of the label. */
  readonly icon?: "gear";
  readonly View: () => JSX.Element;
};

/** The panels beside the chat, in the order of their tabs. */
const VIEWS: Readonly<Record<Panel, PanelView>> = {
  memory: { label: "Memory", View: MemoryPanel },
  search: { label: "Search", View: SearchPanel },
  time: { label: "Time", View: TimePanel },
  context: { label: "Context", View: ContextPanel },
  sources: { label: "Sources", View: SourcesPanel },
  settings: { label: "Settings", icon: "gear", View: SettingsPanel },
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
              aria-label={view.icon === undefined ? undefined : view.label}
              title={view.icon === undefined ? undefined : view.label}
              aria-current={name === shown ? "page" : undefined}
              onClick={() => {
                openPanel(name as Panel);
              }}
            >
              {view.icon === undefined ? view.label : <Icon name={view.icon} />}
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
        {agentId.value === "" && shown !== "settings" ? (
          <p class="quiet">There is no agent yet.</p>
        ) : (
          <View key={agentId.value} />
        )}
      </div>
      <Toasts place="panel" />
    </aside>
  );
}
