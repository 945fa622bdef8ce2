import type { JSX } from "preact";
import { caller } from "../store/session.ts";
import { agentId } from "../store/view.ts";
import { AccountsSection } from "./accounts-section.tsx";
import { AppearanceSection } from "./appearance-section.tsx";
import { EmbeddingSection } from "./embedding-section.tsx";
import { ExportSection } from "./export-section.tsx";
import { FunctionsSection } from "./functions-section.tsx";
import { ImportSection } from "./import-section.tsx";
import { ModelSection } from "./model-section.tsx";
import { Section } from "./section.tsx";
import { ToolServersSection } from "./tool-servers-section.tsx";

/** Settings of the shown agent, of this browser, and of the server. */
export function SettingsPanel(): JSX.Element {
  const { value: id } = agentId;
  const isAdmin = caller.value?.isAdmin === true;
  return (
    <div class="sections" key={id}>
      {id !== "" && (
        <>
          <Section title="Model">
            <ModelSection />
          </Section>
          <Section title="Search by meaning">
            <EmbeddingSection />
          </Section>
          <Section title="Functions">
            <FunctionsSection />
          </Section>
          <Section title="MCP servers">
            <ToolServersSection />
          </Section>
          <Section title="Export">
            <ExportSection />
          </Section>
        </>
      )}
      <Section title="Import">
        <ImportSection />
      </Section>
      <Section title="Appearance">
        <AppearanceSection />
      </Section>
      {isAdmin && (
        <Section title="Users and keys">
          <AccountsSection />
        </Section>
      )}
      <p class="quiet">memgpt {caller.value?.version ?? ""}</p>
    </div>
  );
}
