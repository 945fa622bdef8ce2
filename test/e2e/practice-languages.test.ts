import { expect, test } from "vitest";
import { newHome } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

/** A statement, a question in a later session, and a word of the answering sentence. */
const TOLD: readonly (readonly [told: string, asked: string, word: string])[] = [
  ["The spare fuse is behind the flour tin", "where is the spare fuse?", "flour"],
  ["My aunt Wilma keeps goats", "what does my aunt keep?", "goats"],
  ["Ich habe meinen Schlüssel im Zug verloren", "Wo habe ich meinen Schlüssel verloren?", "Zug"],
  ["Mein Großvater war Schuster", "Was war mein Großvater?", "Schuster"],
  ["Compré una lámpara verde en Toledo", "¿Dónde compré la lámpara?", "Toledo"],
  ["Adopté una tortuga", "¿Qué animal adopté?", "tortuga"],
  ["我的自行车停在图书馆", "我的自行车停在哪里？", "图书馆"],
  ["Mon frère habite à Lyon", "Où habite mon frère ?", "Lyon"],
];

test("statements in five languages are quoted in a later session or not found; nothing else is claimed", async () => {
  const home = newHome();
  const options = { columns: 300 };
  const first = new Terminal(home, ["run", "--agent", "ada", "--first"], options);
  for (const [told] of TOLD) await first.say(told);
  first.write("/exit\r");
  await first.exited();

  const second = new Terminal(home, ["run", "--agent", "ada"], options);
  for (const [, asked, word] of TOLD) {
    const answer = (await second.say(asked)).replace(/\s+/g, " ");
    const quotes = [...answer.matchAll(/"([^"]+)"/g)].map(([, quoted = ""]) => quoted);

    for (const quoted of quotes) expect(TOLD.map(([told]) => told)).toContain(quoted);
    expect(quotes.some((quoted) => quoted.includes(word)) || answer.includes("I found nothing"), answer).toBe(true);
  }
  second.write("/exit\r");
  await second.exited();
});
