import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { useAnswer } from "../parts/use-answer.tsx";
import { agentId, attempt, tell } from "../store/view.ts";

type Known = Answer<"get /v1/agents/{agent_id}/settings">;
type Model = Known["model"];
type Check = Answer<"post /v1/agents/{agent_id}/model/try">[number];

const SIGNS = { ok: "✓", warn: "!", fail: "✗" } as const;
const SMALLEST_WINDOW = 4096;

/** The agent's model. Another one can be tried before it is used. */
export function ModelSection(): JSX.Element {
  const { value: id } = agentId;
  const [known, , waiting] = useAnswer(
    async () => call("get /v1/agents/{agent_id}/settings", { params: { agent_id: id } }),
    [id],
  );
  if (known === null) return waiting;
  return <ModelForm key={JSON.stringify(known.model)} known={known} />;
}

function ModelForm({ known }: { readonly known: Known }): JSX.Element {
  const { model: present, models, mayChooseServer } = known;
  const [chosen, setChosen] = useState<Model>(present);
  const [key, setKey] = useState("");
  const [checks, setChecks] = useState<readonly Check[] | "trying" | null>(null);
  const set = (changes: Partial<Model>): void => {
    setChosen({ ...chosen, ...changes });
    setChecks(null);
  };
  const asking = { params: { agent_id: agentId.value }, body: key === "" ? chosen : { ...chosen, key } };
  const isPractice = chosen.model === "practice";
  const tryIt = async (): Promise<void> => {
    setChecks("trying");
    const isDone = await attempt(async () => {
      setChecks(await call("post /v1/agents/{agent_id}/model/try", asking));
    });
    if (!isDone) setChecks(null);
  };
  const take = async (): Promise<void> => {
    const { changes } = await call("put /v1/agents/{agent_id}/model", asking);
    tell(changes.length === 0 ? "It uses that model already." : `${changes.join(", ")}. One undo reverses it.`);
  };
  return (
    <form
      class="narrow"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(take);
      }}
    >
      <p class="quiet">
        It thinks with <code>{present.model}</code>
        {present.endpoint !== null && <> of {present.endpoint}</>}.
        {present.model === "practice" &&
          " That one is built in and follows rules; for real conversation choose a language model."}
      </p>
      <label>
        Model
        <input
          value={chosen.model}
          list="models"
          required
          onInput={(event) => {
            const model = event.currentTarget.value;
            set(models.find((it) => it.model === model) ?? { model });
          }}
        />
      </label>
      <datalist id="models">
        {models.map(({ model }) => (
          <option key={model} value={model} />
        ))}
      </datalist>
      {mayChooseServer && !isPractice && (
        <>
          <label>
            Address of its server (empty: OpenAI)
            <input
              type="url"
              value={chosen.endpoint ?? ""}
              placeholder="http://localhost:11434/v1"
              onInput={(event) => {
                const { value } = event.currentTarget;
                set({ endpoint: value === "" ? null : value });
              }}
            />
          </label>
          <label>
            Key, if it wants one that the server does not have yet
            <input
              type="password"
              autocomplete="off"
              value={key}
              onInput={(event) => {
                setKey(event.currentTarget.value);
                setChecks(null);
              }}
            />
          </label>
        </>
      )}
      <label>
        Context window, in tokens
        <input
          type="number"
          min={SMALLEST_WINDOW}
          value={chosen.contextWindow}
          onInput={(event) => {
            set({ contextWindow: event.currentTarget.valueAsNumber });
          }}
        />
      </label>
      <div class="buttons start">
        <button type="button" disabled={checks === "trying"} onClick={() => void tryIt()}>
          Try it
        </button>
        <button type="submit" class="primary">
          Use it
        </button>
      </div>
      {checks === "trying" && (
        <p role="status">
          <span class="busy" aria-hidden="true" /> Asking it for an answer and a function call…
        </p>
      )}
      {Array.isArray(checks) && (
        <ul class="checks" aria-label="What came of it" role="status">
          {(checks as readonly Check[]).map(({ name, status, detail, advice }) => (
            <li key={name} class={status}>
              <b aria-label={status}>{SIGNS[status]}</b>{" "}
              <span dir="auto">
                {name}: {detail}
                {advice !== undefined && <small> {advice}</small>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
