import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { CodeBlock } from "../parts/code-block.tsx";
import { AskingButton } from "../parts/dialog.tsx";
import { useAnswer } from "../parts/use-answer.tsx";
import { caller, findCaller, signIn } from "../store/session.ts";
import { attempt } from "../store/view.ts";

type User = Answer<"get /v1/admin/users">[number];

/** Users of the server and their keys. */
export function AccountsSection(): JSX.Element {
  const [users, again, waiting] = useAnswer(async () => call("get /v1/admin/users", {}));
  const [name, setName] = useState("");
  if (users === null) return waiting;
  if (caller.value?.needsKey !== true) return <FirstKey />;
  const add = async (): Promise<void> => {
    await call("post /v1/admin/users", { body: { name } });
    setName("");
    await again();
  };
  return (
    <>
      {users.map((user) => (
        <UserRow key={user.id} user={user} onChanged={again} />
      ))}
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(add);
        }}
      >
        <input
          aria-label="Name of a new user"
          placeholder="Name of a new user"
          required
          value={name}
          onInput={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <button type="submit">Add</button>
      </form>
    </>
  );
}

/** Creates the first key. Until then, everybody on this machine may do everything. */
function FirstKey(): JSX.Element {
  const [token, setToken] = useState("");
  const make = async (): Promise<void> => {
    const id = caller.value?.user.id ?? "";
    const key = await call("post /v1/admin/users/{user_id}/keys", {
      params: { user_id: id },
      body: { name: "page", admin: true },
    });
    setToken(key.token);
    await signIn(key.token);
  };
  if (token !== "") {
    return (
      <>
        <Token token={token} />
        <button type="button" onClick={() => void findCaller()}>
          I have kept it
        </button>
      </>
    );
  }
  return (
    <>
      <p class="quiet">
        Nobody needs a key yet: whoever uses this machine may do everything. With the first key, everyone needs one. It
        is yours, and this browser is signed in with it.
      </p>
      <div class="buttons start">
        <button type="button" onClick={() => void attempt(make)}>
          Make my key
        </button>
      </div>
    </>
  );
}

/** A key's token, which is shown only once. */
function Token({ token }: { readonly token: string }): JSX.Element {
  return (
    <div class="markdown token" role="status">
      <p>Copy it now: it is not shown again.</p>
      <CodeBlock text={token} language="" />
    </div>
  );
}

type RowProps = { readonly user: User; readonly onChanged: () => Promise<unknown> };

function UserRow({ user: { id, name }, onChanged }: RowProps): JSX.Element {
  const [keys, again] = useAnswer(
    async () => call("get /v1/admin/users/{user_id}/keys", { params: { user_id: id } }),
    [id],
  );
  const [token, setToken] = useState("");
  const isMe = id === caller.value?.user.id;
  const make = async (): Promise<void> => {
    const key = await call("post /v1/admin/users/{user_id}/keys", { params: { user_id: id }, body: {} });
    setToken(key.token);
    await again();
  };
  const revoke = async (key: string): Promise<void> => {
    await call("delete /v1/admin/keys/{key_id}", { params: { key_id: key } });
    await again();
  };
  const remove = async (): Promise<void> => {
    await call("delete /v1/admin/users/{user_id}", { params: { user_id: id } });
    await onChanged();
  };
  return (
    <section class="block result" aria-label={`User ${name}`}>
      <h2>
        <bdi>{name}</bdi>
        {isMe && <span class="quiet"> (you)</span>}
      </h2>
      <ul class="keys" aria-label={`Keys of ${name}`}>
        {keys?.map((key) => (
          <li key={key.id}>
            <bdi>{key.name}</bdi>
            {key.admin && <span class="tag">admin</span>}
            <button
              type="button"
              class="plain"
              aria-label={`Revoke ${key.name}`}
              onClick={() => void attempt(() => revoke(key.id))}
            >
              Revoke
            </button>
          </li>
        ))}
      </ul>
      {token !== "" && <Token token={token} />}
      <footer>
        <button type="button" class="plain" aria-label={`Make a key for ${name}`} onClick={() => void attempt(make)}>
          Make a key
        </button>
        {!isMe && (
          <AskingButton
            label="Remove"
            name={`Remove ${name}`}
            title={`Remove ${name}?`}
            text="Their keys stop working at once. Their agents stay on the server's disk."
            action="Remove"
            onYes={() => void attempt(remove)}
          />
        )}
      </footer>
    </section>
  );
}
