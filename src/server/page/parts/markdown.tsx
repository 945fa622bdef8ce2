import { Lexer, type MarkedToken, type Token, type Tokens } from "marked";
import type { ComponentChildren, JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { CodeBlock } from "./code-block.tsx";

/** Longer texts are shown as plain text: laying them out would take seconds. */
const LONGEST = 50_000;
const BEGINNING = 20_000;

const OPTIONS = { gfm: true, breaks: true };

/**
 * A model's or a person's text, rendered as Markdown. Tokens become elements directly, without HTML, so that nothing in the text can
 * run, and HTML in it is shown as written.
 */
export function Markdown({ text }: { readonly text: string }): JSX.Element {
  const isLong = text.length > LONGEST;
  const tokens = useMemo(() => (isLong ? [] : Lexer.lex(text, OPTIONS)), [text, isLong]);
  if (isLong) return <LongText text={text} />;
  return (
    <div class="markdown" dir="auto">
      {blocks(tokens)}
    </div>
  );
}

function LongText({ text }: { readonly text: string }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  return (
    <div class="markdown" dir="auto">
      <pre class="long">{isWhole ? text : text.slice(0, BEGINNING)}</pre>
      {!isWhole && (
        <button
          type="button"
          onClick={() => {
            setWhole(true);
          }}
        >
          Show all {text.length.toLocaleString()} characters
        </button>
      )}
    </div>
  );
}

const HEADINGS = ["h2", "h2", "h3", "h4", "h5", "h6", "h6"] as const;

function blocks(tokens: readonly Token[]): ComponentChildren {
  return tokens.map((token, index) => block(token as MarkedToken, index));
}

function block(token: MarkedToken, key: number): ComponentChildren {
  // All other tokens are inline.
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the rest is for inline()
  switch (token.type) {
    case "heading": {
      // The page's own heading is the `h1`.
      const Heading = HEADINGS[token.depth] ?? "h6";
      return <Heading key={key}>{inlines(token.tokens)}</Heading>;
    }
    case "paragraph":
      return <p key={key}>{inlines(token.tokens)}</p>;
    case "code":
      return <CodeBlock key={key} text={token.text} language={token.lang ?? ""} />;
    case "blockquote":
      return <blockquote key={key}>{blocks(token.tokens)}</blockquote>;
    case "list": {
      const List = token.ordered ? "ol" : "ul";
      const start = token.ordered && token.start !== "" ? { start: token.start } : {};
      return (
        <List key={key} {...start}>
          {token.items.map((item, index) => (
            <li key={index}>
              {item.task && (item.checked === true ? "☑ " : "☐ ")}
              {blocks(item.tokens)}
            </li>
          ))}
        </List>
      );
    }
    case "table":
      return <Table key={key} table={token} />;
    case "hr":
      return <hr key={key} />;
    case "html":
      return <p key={key}>{token.text}</p>;
    case "text":
      return "tokens" in token ? inlines(token.tokens) : decoded(token.text);
    case "space":
    case "def":
      return null;
    default:
      return inline(token, key);
  }
}

function Table({ table: { header, rows } }: { readonly table: Tokens.Table }): JSX.Element {
  return (
    <div class="wide" tabIndex={0} role="group" aria-label="Table">
      <table>
        <thead>
          <tr>
            {header.map((cell, index) => (
              <th key={index}>{inlines(cell.tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column}>{inlines(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inlines(tokens: readonly Token[] = []): ComponentChildren {
  return tokens.map((token, index) => inline(token as MarkedToken, index));
}

function inline(token: MarkedToken, key: number): ComponentChildren {
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- anything else is text
  switch (token.type) {
    case "strong":
      return <strong key={key}>{inlines(token.tokens)}</strong>;
    case "em":
      return <em key={key}>{inlines(token.tokens)}</em>;
    case "del":
      return <del key={key}>{inlines(token.tokens)}</del>;
    case "codespan":
      return <code key={key}>{token.text}</code>;
    case "br":
      return <br key={key} />;
    case "link":
      return (
        <Outside key={key} href={token.href} text={token.text}>
          {inlines(token.tokens)}
        </Outside>
      );
    case "image":
      // Fetching it would tell its host that the message was read, so it is only a link.
      return (
        <Outside key={key} href={token.href} text="">
          Picture: {token.text}
        </Outside>
      );
    case "escape":
      return token.text;
    default:
      return decoded("text" in token ? token.text : token.raw);
  }
}

type OutsideProps = { readonly href: string; readonly text: string; readonly children: ComponentChildren };

/** An external link that shows its host and sends no referrer. Only http, https and mailto become links. */
function Outside({ href, text, children }: OutsideProps): JSX.Element {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (url === undefined || !/^(https?|mailto):$/.test(url.protocol)) return <>{children}</>;
  return (
    <a class="outside" href={url.href} title={url.href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
      {url.host !== "" && !text.includes(url.host) && <small> ({url.host})</small>}
    </a>
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  nbsp: "\u00a0",
};

function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => ENTITIES[name] ?? "");
}
