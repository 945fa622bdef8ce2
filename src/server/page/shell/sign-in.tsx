import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { start } from "../store/following.ts";
import { signIn } from "../store/session.ts";

/** Asks for a key and stores it in a cookie that scripts cannot read. */
export function SignIn(): JSX.Element {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await signIn(key.trim());
      await start();
    } catch (error) {
      setProblem(error instanceof Error && error.message !== "Unauthorized" ? error.message : "No user has this key.");
    }
  };
  return (
    <main class="sign-in">
      <h1>memgpt</h1>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          Key
          <input
            type="password"
            name="key"
            autocomplete="current-password"
            required
            value={key}
            aria-describedby="sign-in-help"
            onInput={(event) => {
              setKey(event.currentTarget.value);
            }}
          />
        </label>
        <p id="sign-in-help">
          This server needs one. Make it with <code>memgpt keys create</code> on the server's machine.
        </p>
        {problem !== "" && (
          <p role="alert" class="problem">
            {problem}
          </p>
        )}
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
    </main>
  );
}
