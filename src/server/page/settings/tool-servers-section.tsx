import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { AskingButton } from "../parts/dialog.tsx";
import { useAnswer } from "../parts/use-answer.tsx";
import { revision } from "../store/revision.ts";
import { caller } from "../store/session.ts";
import { agentId, attempt, tell } from "../store/view.ts";

type ToolServer = Answer<"get /v1/tool-servers">[number];

/** The MCP servers whose tools can be added to the agent. */
export function ToolServersSection(): JSX.Element {
  const [servers, again, waiting] = useAnswer(async () => call("get /v1/tool-servers", {}));
  const isAdmin = caller.value?.isAdmin === true;
  if (servers === null) return waiting;
  return (
    <>
      {servers.length === 0 && <p class="quiet">No server was added yet. Tools of one ask before each call.</p>}
      <ul class="results" aria-label="MCP servers">
        {servers.map((server) => (
          <ServerRow key={server.name} server={server} isAdmin={isAdmin} onChanged={again} />
        ))}
      </ul>
      {isAdmin ? <NewServer onAdded={again} /> : <p class="quiet">Only admins can add servers.</p>}
    </>
  );
}

type RowProps = {
  readonly server: ToolServer;
  readonly isAdmin: boolean;
  readonly onChanged: () => Promise<unknown>;
};

function ServerRow({ server: { name, address, tools }, isAdmin, onChanged }: RowProps): JSX.Element {
  const give = async (): Promise<void> => {
    const params = { agent_id: agentId.value, function: `mcp:${name}` };
    await call("put /v1/agents/{agent_id}/functions/{function}", { params, body: {} });
    revision.value += 1;
    tell(`The agent can call the tools of ${name}. Each asks first, in the conversation; see Functions.`);
  };
  const test = async (): Promise<void> => {
    const now = await call("post /v1/tool-servers/{server}/test", { params: { server: name } });
    const differing = [
      ["new", now.added],
      ["changed", now.changed],
      ["gone", now.removed],
    ] as const;
    const changes = differing.flatMap(([how, names]) => (names.length === 0 ? [] : [`${how}: ${names.join(", ")}`]));
    tell(`${name} answers with ${now.tools.length} tools. ${changes.join("; ") || "They are as they were added."}`);
  };
  const remove = async (): Promise<void> => {
    await call("delete /v1/tool-servers/{server}", { params: { server: name } });
    await onChanged();
  };
  return (
    <li class="result">
      <b>{name}</b>
      <p class="quiet">{address}</p>
      <p>{tools.join(", ")}</p>
      <footer>
        {agentId.value !== "" && (
          <button type="button" class="plain" onClick={() => void attempt(give)}>
            Give the agent its tools
          </button>
        )}
        {isAdmin && (
          <>
            <button type="button" class="plain" onClick={() => void attempt(test)}>
              Test
            </button>
            <AskingButton
              label="Remove"
              title={`Remove ${name}?`}
              text="Agents that have its tools can no longer call them. You can add it again."
              action="Remove"
              onYes={() => void attempt(remove)}
            />
          </>
        )}
      </footer>
    </li>
  );
}

function NewServer({ onAdded }: { readonly onAdded: () => Promise<unknown> }): JSX.Element {
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const [isBusy, setBusy] = useState(false);
  const add = async (): Promise<void> => {
    const way = /^https?:/.test(address) ? { url: address } : { command: address.trim().split(/\s+/) };
    const { tools, problems } = await call("put /v1/tool-servers/{server}", { params: { server: name }, body: way });
    tell([`${name} was added, with ${tools.length} tools.`, ...problems].join(" "));
    setName("");
    setAddress("");
    await onAdded();
  };
  return (
    <form
      class="narrow"
      onSubmit={(event) => {
        event.preventDefault();
        setBusy(true);
        void attempt(add).then(() => {
          setBusy(false);
        });
      }}
    >
      <label>
        Name of a new server
        <input
          value={name}
          required
          pattern="[A-Za-z][A-Za-z0-9_\-]*"
          onInput={(event) => {
            setName(event.currentTarget.value);
          }}
        />
      </label>
      <label>
        Its URL, or the command that starts it on the server's machine
        <input
          value={address}
          required
          placeholder="npx -y @modelcontextprotocol/server-memory"
          onInput={(event) => {
            setAddress(event.currentTarget.value);
          }}
        />
      </label>
      <div class="buttons start">
        <button type="submit" disabled={isBusy}>
          {isBusy ? "Connecting…" : "Add"}
        </button>
      </div>
    </form>
  );
}
