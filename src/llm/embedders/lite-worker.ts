/**
 * The code of `LiteEmbedder`'s thread, as a string so that the package needs no separate file. CommonJS, because it requires
 * the model's packages by file name.
 */
export const LITE_WORKER = `
const { parentPort, workerData } = require("node:worker_threads");
const [library, weights] = workerData.files;
let model;
parentPort.on("message", async ({ id, question: texts }) => {
  try {
    model ??= require(library).initModel(require(weights).modelSource);
    const rows = await (await model).embed(texts);
    const vectors = Float32Array.from(rows.flat());
    parentPort.postMessage({ id, answer: vectors }, [vectors.buffer]);
  } catch (error) {
    model = undefined;
    parentPort.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
`;
