import type { RecallStorage } from "../ports/recall.ts";
import { type FoundLine, searchBlocks } from "../search/blocks.ts";
import type { Block } from "../schema/state.ts";
import { type FindResult, type Finding, find } from "./find.ts";
import { type FindAllRequest, checkAllRequest } from "./find-request.ts";

/** The first results of each memory, best first. */
export type FindAllResult = {
  /** Lines of the blocks. */
  readonly core: { readonly total: number; readonly results: readonly FoundLine[] };
  readonly recall: FindResult;
  readonly archival: FindResult;
  /** Notices about the search; absent if none. */
  readonly notices?: readonly string[];
};

/** Searches core memory, and recall and archival storage as `find` does. @throws MemGPTError `invalid_input` */
export async function findAll(
  request: FindAllRequest,
  blocks: readonly Block[],
  recall: RecallStorage,
  finding: Finding,
): Promise<FindAllResult> {
  checkAllRequest(request);
  const said = toldFirst(await find({ ...request, in: "recall" }, recall, finding));
  const archival = await find({ ...request, in: "archival" }, recall, finding);
  const { query, size = 10 } = request;
  const lines = searchBlocks(query, blocks);
  return { core: { total: lines.length, results: lines.slice(0, size) }, recall: said, archival };
}

/** How far down lines of the person still go before what the agent said. */
const FIRST_FEW = 5;

/** The same results, but what the person told stands before what the agent said: it only repeats most of it. */
function toldFirst(found: FindResult): FindResult {
  const isTold = ({ role, text }: FindResult["results"][number]): boolean =>
    role === "user" && !/[?？؟]\s*$/u.test(text);
  const first = found.results.slice(0, FIRST_FEW);
  const results = [...first.filter(isTold), ...first.filter((result) => !isTold(result))];
  return { ...found, results: [...results, ...found.results.slice(FIRST_FEW)] };
}
