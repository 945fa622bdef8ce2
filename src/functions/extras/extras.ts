import type { Llm } from "../../ports/llm.ts";
import type { AgentSettings } from "../../schema/state.ts";
import type { AgentFunction } from "../define.ts";
import { askModelFunctions } from "./ask-model.ts";
import type { AllowedFolders } from "./folders.ts";
import { httpRequest } from "./http-request.ts";
import { textFileFunctions } from "./text-files.ts";

/** Functions that an agent has only if a person adds them. */
export function extraFunctions(allowed: AllowedFolders, llmOf: (settings: AgentSettings) => Llm): AgentFunction[] {
  return [...textFileFunctions(allowed), httpRequest(), ...askModelFunctions(llmOf)];
}
