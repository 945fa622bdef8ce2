/**
 * What runs in the thread of `LiteEmbedder`, as text: a thread needs a file or a text, and a file would be another one in the
 * package. CommonJS, as the packages are, which are given by their files.
 */
export const LITE_WORKER = `
const { parentPort, workerData } = require("node:worker_threads");
const [library, weights] = workerData.files;
let model;
parentPort.on("message", async ({ id, texts }) => {
  try {
    model ??= require(library).initModel(require(weights).modelSource);
    const rows = await (await model).embed(texts);
    const vectors = Float32Array.from(rows.flat());
    parentPort.postMessage({ id, vectors }, [vectors.buffer]);
  } catch (error) {
    model = undefined;
    parentPort.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
`;
