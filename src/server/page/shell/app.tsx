import type { JSX } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { SideBar } from "../agents/side-bar.tsx";
import { Chat } from "../chat/chat.tsx";
import { ForgetDialog } from "../forget/forget-dialog.tsx";
import { toForget } from "../store/forgetting.ts";
import { connection } from "../store/session.ts";
import { UPLOADS, upload } from "../store/uploads.ts";
import { agentId, isPaletteOpen, isSideBarOpen, panel } from "../store/view.ts";
import { onKey } from "./commands.ts";
import { Palette } from "./palette.tsx";
import { PanelArea } from "./panels.tsx";
import { SignIn } from "./sign-in.tsx";

/** The whole page: agents, the chat, and a panel beside it. */
export function App(): JSX.Element {
  useLayoutEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  if (connection.value === "denied") return <SignIn />;
  const isNarrowOpen = isSideBarOpen.value;
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        const files = [...(event.dataTransfer?.files ?? [])];
        if (files.length > 0 && agentId.value !== "") void upload(files, UPLOADS);
      }}
      class={`page${panel.value === null ? "" : " has-panel"}${isNarrowOpen ? " side-open" : ""}`}
    >
      {agentId.value !== "" && (
        <a class="skip" href="#composer">
          Skip to the message box
        </a>
      )}
      <SideBar />
      <Chat />
      <PanelArea />
      {toForget.value !== null && <ForgetDialog asked={toForget.value} />}
      {isPaletteOpen.value && <Palette />}
    </div>
  );
}
