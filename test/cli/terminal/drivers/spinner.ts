import { Spinner } from "../../../../src/cli/terminal/spinner.ts";

/** Spins until a key is pressed. */
const { text }: { text: string } = JSON.parse(process.argv[2] ?? "{}");
const spinner = new Spinner(process.stdout);
process.stdin.setRawMode(true);
process.stdout.write("before\n");
spinner.start(text);
process.stdin.once("data", (key) => {
  if (String(key) === "x") process.exit();
  spinner.stop();
  process.stdout.write("after\n");
  process.exit();
});
