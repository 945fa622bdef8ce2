import * as z from "zod";

/** A route, described once for the server that answers it and the page that calls it. */
export type Contract = {
  readonly method: "get" | "post" | "put" | "delete";
  /** With its parameters in braces. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Whether the body may be left out. */
  readonly isBare?: boolean;
  readonly answer: z.ZodType;
  /** Describes the answer. */
  readonly gives: string;
};

export type AnswerOf<C extends Contract> = z.output<C["answer"]>;
export type BodyOf<C extends Contract> = C extends { readonly body: infer B extends z.ZodType }
  ? z.input<B>
  : undefined;
export type QueryOf<C extends Contract> = C extends { readonly query: infer Q extends z.ZodType }
  ? z.input<Q>
  : undefined;

/** Names of the parameters in a path. */
export type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamsOf<Rest>
  : never;

/** An answer with a type of the library; OpenAPI documents it only as an object. */
export function libraryType<T>(): z.ZodType<T> {
  return z.looseObject({}) as unknown as z.ZodType<T>;
}
