import { render } from "preact";
import { App } from "./shell/app.tsx";
import { start } from "./store/following.ts";
import { tellFailure } from "./store/view.ts";

const root = document.getElementById("page");
if (root !== null) render(<App />, root);
start().catch(tellFailure);
