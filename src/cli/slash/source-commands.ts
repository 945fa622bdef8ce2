import { type SlashCommand, type SlashCommands, print, refuse } from "./command.ts";

const attach: SlashCommand = {
  usage: "/attach [source]",
  summary: "let the agent search a data source; without a name, pick one",
  details: ["memgpt load NAME PATH makes a source from files, folders or web pages. /undo detaches it again."],
  example: "/attach notes",
  complete: (_, { agent, agents }) => agents.knownSources().filter((name) => !attachedTo(agent).includes(name)),
  async run(given, { agent, agents, terminal }) {
    const free = (await agents.sources()).filter((name) => !attachedTo(agent).includes(name));
    if (given === "" && free.length === 0) {
      return refuse("There is no source to attach; `memgpt load NAME PATH` creates one.", "not_found");
    }
    const name = given === "" ? await terminal.pick("Attach which source?", free.map(asChoice)) : given;
    if (name === undefined) return print("Nothing was attached.");
    await agent.attach(name);
    return print(`Attached ${name}: the agent searches it with archival memory. /undo or /detach ${name} ends that.`);
  },
};

const detach: SlashCommand = {
  usage: "/detach [source]",
  summary: "stop the agent searching a data source; without a name, pick one",
  example: "/detach notes",
  complete: (_, { agent }) => attachedTo(agent),
  async run(given, { agent, terminal }) {
    const attached = attachedTo(agent);
    if (given === "" && attached.length === 0) return refuse("No source is attached.", "not_found");
    const name = given === "" ? await terminal.pick("Detach which source?", attached.map(asChoice)) : given;
    if (name === undefined) return print("Nothing was detached.");
    await agent.detach(name);
    return print(`Detached ${name}. /undo attaches it again.`);
  },
};

export const SOURCE_COMMANDS: SlashCommands = { attach, detach };

function attachedTo({
  state,
}: {
  readonly state: { readonly sources?: readonly string[] | null | undefined };
}): readonly string[] {
  return state.sources ?? [];
}

function asChoice(name: string): { readonly value: string; readonly name: string } {
  return { value: name, name };
}
