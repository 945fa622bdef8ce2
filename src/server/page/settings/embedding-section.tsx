import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { useAnswer } from "../parts/use-answer.tsx";
import { counted } from "../text/counted.ts";
import { agentId, attempt, tell } from "../store/view.ts";

type Known = Answer<"get /v1/agents/{agent_id}/settings">;
type Embedding = Known["embedding"];

const WAYS: Readonly<Record<Embedding["provider"], string>> = {
  hash: "By words and parts of words: built in",
  openai: "By meaning, with a model on a server",
  "local-lite": "By meaning, with the small English model",
  local: "By meaning, with a model in the program",
};

/** The embedding by which memory is searched. A new one can be tried before all memory is re-embedded. */
export function EmbeddingSection(): JSX.Element {
  const { value: id } = agentId;
  const [known, again, waiting] = useAnswer(
    async () => call("get /v1/agents/{agent_id}/settings", { params: { agent_id: id } }),
    [id],
  );
  if (known === null) return waiting;
  return <EmbeddingForm key={JSON.stringify(known.embedding)} known={known} onTaken={again} />;
}

type FormProps = { readonly known: Known; readonly onTaken: () => Promise<unknown> };

function EmbeddingForm({ known: { embedding, embeddings, mayChooseServer }, onTaken }: FormProps): JSX.Element {
  const [chosen, setChosen] = useState(embedding);
  const [state, setState] = useState("");
  const ways = Object.entries(WAYS).filter(
    ([way]) => mayChooseServer || [embedding, ...embeddings].some(({ provider }) => provider === way),
  );
  const asking = { params: { agent_id: agentId.value }, body: chosen };
  const doing = async (text: string, work: () => Promise<string>): Promise<void> => {
    setState(text);
    await attempt(async () => {
      setState(await work());
    }).then((isDone) => {
      if (!isDone) setState("");
    });
  };
  const tryIt = async (): Promise<string> => {
    const { model, dimensions, seconds } = await call("post /v1/agents/{agent_id}/embedding/try", asking);
    return `It works: ${model}, ${dimensions} dimensions, in ${seconds.toFixed(1)} s.`;
  };
  const take = async (): Promise<string> => {
    const { passages, withoutVector, notices } = await call("put /v1/agents/{agent_id}/embedding", asking);
    const missing = withoutVector === 0 ? "" : ` ${withoutVector} of them can only be found by their words.`;
    tell([`${counted(passages, "passage is", "passages are")} embedded.${missing}`, ...notices].join(" "));
    await onTaken();
    return "";
  };
  const set = (changes: Partial<Embedding>): void => {
    setChosen({ ...chosen, ...changes });
    setState("");
  };
  const isNamed = chosen.provider === "openai" || chosen.provider === "local";
  return (
    <form
      class="narrow"
      onSubmit={(event) => {
        event.preventDefault();
        void doing("Embedding all that it remembers…", take);
      }}
    >
      <label>
        How it searches
        <select
          value={chosen.provider}
          onChange={(event) => {
            const provider = event.currentTarget.value as Embedding["provider"];
            const { model = null, endpoint = null } =
              [embedding, ...embeddings].find((it) => it.provider === provider) ?? {};
            set({ provider, model, endpoint });
          }}
        >
          {ways.map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {isNamed && mayChooseServer && (
        <label>
          Model
          <input
            value={chosen.model ?? ""}
            onInput={(event) => {
              set({ model: event.currentTarget.value === "" ? null : event.currentTarget.value });
            }}
          />
        </label>
      )}
      {chosen.provider === "openai" && mayChooseServer && (
        <label>
          Address of its server (empty: as the model's)
          <input
            type="url"
            value={chosen.endpoint ?? ""}
            onInput={(event) => {
              set({ endpoint: event.currentTarget.value === "" ? null : event.currentTarget.value });
            }}
          />
        </label>
      )}
      <div class="buttons start">
        <button type="button" onClick={() => void doing("Embedding one text…", tryIt)}>
          Try it
        </button>
        <button type="submit" class="primary">
          Use it
        </button>
      </div>
      {state !== "" && <p role="status">{state}</p>}
    </form>
  );
}
