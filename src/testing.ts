export { type ScriptedAnswer, ScriptedLlm } from "./llm/scripted-llm.ts";
