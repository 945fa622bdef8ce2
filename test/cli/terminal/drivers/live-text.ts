import { LiveText } from "../../../../src/cli/terminal/live-text.ts";

/** Shows a text in pieces, one per key press. */
const { pieces }: { pieces: string[] } = JSON.parse(process.argv[2] ?? "{}");
const live = new LiveText(process.stdout, {
  width: () => process.stdout.columns,
  rows: () => process.stdout.rows,
  color: true,
});
process.stdin.setRawMode(true);
console.log("before");
// An unknown escape code: visible to the test, not on the screen.
process.stdout.on("resize", () => process.stdout.write("\x1b]9999;resized\x07"));
let next = 0;
process.stdin.on("data", (keys) => {
  for (let key = 0; key < keys.length && next < pieces.length; key += 1) live.append(pieces[next++] ?? "");
  if (next < pieces.length) return;
  live.end();
  console.log("after");
  process.exit();
});
