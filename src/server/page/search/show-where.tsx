import type { JSX } from "preact";
import { showMessage } from "../store/conversation.ts";
import { attempt } from "../store/view.ts";
import { ShowAround } from "./surroundings.tsx";

type ShowWhereProps = {
  readonly id: string;
  /** Whether it is a passage of archival memory; else it is a message. */
  readonly isPassage?: boolean;
  /** Name of the passage's source. */
  readonly source?: string | null | undefined;
};

/** Shows where a message or passage stands: a message in the conversation, a passage here. */
export function ShowWhere({ id, isPassage = false, source = null }: ShowWhereProps): JSX.Element {
  if (isPassage) return <ShowAround id={id} source={source} />;
  return (
    <button type="button" class="plain" onClick={() => void attempt(() => showMessage(id))}>
      Show where
    </button>
  );
}
