import { MemGPTError, didYouMean } from "../errors.ts";

/** @param names The agents there are. */
export function noSuchAgent(name: string, names: readonly string[]): MemGPTError {
  const there = names.length === 0 ? "There are none yet." : `There are: ${names.join(", ")}.`;
  return new MemGPTError("agent_not_found", `There is no agent named ${name}.${didYouMean(name, names)} ${there}`);
}

export function nameTaken(name: string): MemGPTError {
  return new MemGPTError("agent_exists", `There is an agent named ${name} already. Open it, or choose another name.`);
}
