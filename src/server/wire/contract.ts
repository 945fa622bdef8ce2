import * as z from "zod";

/** A route as the server documents it and the page calls it: one description for both, so that neither drifts. */
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
  /** The answer in words. */
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

/** An answer whose type is the library's; the document says only that it is an object. */
export function libraryType<T>(): z.ZodType<T> {
  return z.looseObject({}) as unknown as z.ZodType<T>;
}
