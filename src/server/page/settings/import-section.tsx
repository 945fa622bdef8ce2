import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type FoundImport, importMemory, lookAtImport } from "../store/importing.ts";
import { roster } from "../store/roster.ts";
import { LARGEST_MB } from "../store/uploads.ts";
import { counted } from "../text/counted.ts";
import { agentId, attempt } from "../store/view.ts";

type Memory = FoundImport["memories"][number];

/** Imports the memory of other agents and assistants, after a preview. */
export function ImportSection(): JSX.Element {
  const [file, setFile] = useState<File | null>(null);
  const [found, setFound] = useState<FoundImport | null>(null);
  const look = async (chosen: File): Promise<void> => {
    setFound(null);
    setFile(chosen);
    await attempt(async () => {
      setFound(await lookAtImport(chosen));
    });
  };
  return (
    <div class="narrow">
      <p class="quiet">
        An export of memgpt, ChatGPT (also its zip), Claude or Mem0, an agent file (.af), or JSON lines. You see what is
        in it before anything is imported.
      </p>
      <label>
        File, up to {LARGEST_MB} MB
        <input
          type="file"
          onChange={(event) => {
            const [chosen] = event.currentTarget.files ?? [];
            if (chosen !== undefined) void look(chosen);
          }}
        />
      </label>
      {file !== null && found !== null && (
        <>
          <p role="status">
            {found.format}.{found.left.length > 0 && ` Cannot be imported: ${found.left.join("; ")}.`}
          </p>
          <ul class="results" aria-label="What it brings">
            {found.memories.map((memory, index) => (
              <MemoryFound key={index} file={file} index={index} memory={memory} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

type FoundProps = { readonly file: File; readonly index: number; readonly memory: Memory };

function MemoryFound({ file, index, memory }: FoundProps): JSX.Element {
  const { agent, blocks, messages, passages } = memory;
  const [name, setName] = useState(agent);
  const [isBusy, setBusy] = useState(false);
  const shown = roster.value?.find(({ id }) => id === agentId.value);
  const bring = async (target: Parameters<typeof importMemory>[2]): Promise<void> => {
    setBusy(true);
    await attempt(() => importMemory(file, index, target));
    setBusy(false);
  };
  return (
    <li class="result">
      <p>
        <b dir="auto">{agent}</b>: {counted(blocks, "block")}, {counted(messages, "message")},{" "}
        {counted(passages, "passage")}
      </p>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          void bring({ agent: name.trim() });
        }}
      >
        <input
          aria-label={`Name of the agent for ${agent}`}
          dir="auto"
          required
          value={name}
          onInput={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <button type="submit" class="primary" disabled={isBusy}>
          Make an agent
        </button>
      </form>
      {shown !== undefined && (
        <div class="buttons start">
          <button type="button" disabled={isBusy} onClick={() => void bring({ into: shown.id })}>
            Add it to {shown.name}
          </button>
        </div>
      )}
    </li>
  );
}
