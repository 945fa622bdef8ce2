import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import { vectorIndexContract } from "./contract.ts";

vectorIndexContract("exact", async (dimensions) => ({
  index: new ExactIndex(dimensions, 1),
  settle: () => Promise.resolve(),
}));
