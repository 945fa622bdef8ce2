import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { IconButton } from "../parts/icon.tsx";
import { useAnswer } from "../parts/use-answer.tsx";
import { agentId, attempt } from "../store/view.ts";

type Functions = Answer<"get /v1/agents/{agent_id}/functions">;
type OneFunction = Functions["functions"][number];
type Consent = NonNullable<OneFunction["consent"]>;

const CONSENTS: Readonly<Record<Consent, string>> = { ask: "asks first", always: "always may", never: "never may" };

/** The functions that the model may call, and whether they need consent. Each change is one undo. */
export function FunctionsSection(): JSX.Element {
  const { value: id } = agentId;
  const [known, again, waiting] = useAnswer(
    async () => call("get /v1/agents/{agent_id}/functions", { params: { agent_id: id } }),
    [id],
  );
  const [chosen, setChosen] = useState("");
  if (known === null) return waiting;
  const change = (work: () => Promise<unknown>): void => {
    void attempt(work).then(again);
  };
  const put = async (name: string, consent?: Consent): Promise<void> => {
    await call("put /v1/agents/{agent_id}/functions/{function}", {
      params: { agent_id: id, function: name },
      body: consent === undefined ? {} : { consent },
    });
  };
  const remove = async (name: string): Promise<void> => {
    await call("delete /v1/agents/{agent_id}/functions/{function}", { params: { agent_id: id, function: name } });
  };
  const { functions, available, problems } = known;
  return (
    <>
      {problems.map((problem) => (
        <p key={problem} class="banner" dir="auto">
          {problem}
        </p>
      ))}
      <ul class="function-list" aria-label="Functions it has">
        {functions.map((it) => (
          <FunctionRow
            key={it.name}
            fn={it}
            onConsent={(consent) => {
              change(() => put(it.name, consent));
            }}
            onRemove={() => {
              change(() => remove(it.name));
            }}
          />
        ))}
      </ul>
      {available.length > 0 && (
        <form
          class="inline"
          onSubmit={(event) => {
            event.preventDefault();
            if (chosen !== "") change(() => put(chosen));
            setChosen("");
          }}
        >
          <select
            aria-label="Function to give it"
            value={chosen}
            onChange={(event) => {
              setChosen(event.currentTarget.value);
            }}
          >
            <option value="">Give it another…</option>
            {available.map(({ name, description }) => (
              <option key={name} value={name} title={description}>
                {name}
              </option>
            ))}
          </select>
          <button type="submit" disabled={chosen === ""}>
            Give
          </button>
        </form>
      )}
    </>
  );
}

type RowProps = {
  readonly fn: OneFunction;
  readonly onConsent: (consent: Consent) => void;
  readonly onRemove: () => void;
};

function FunctionRow({ fn: { name, description, why, consent }, onConsent, onRemove }: RowProps): JSX.Element {
  return (
    <li>
      <details class="fold">
        <summary>
          <code>{name}</code>
        </summary>
        <p dir="auto">
          {description} ({why})
        </p>
      </details>
      {consent !== null && (
        <select
          aria-label={`Whether ${name} may be called`}
          value={consent}
          onChange={(event) => {
            onConsent(event.currentTarget.value as Consent);
          }}
        >
          {Object.entries(CONSENTS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
      <IconButton icon="close" label={`Take ${name} away`} onClick={onRemove} />
    </li>
  );
}
