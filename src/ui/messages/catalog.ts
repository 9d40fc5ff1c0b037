/**
 * What a message catalog is. One catalog a language; English is complete and its literal types are the contract: `t` knows
 * every key and the parameters of every text, and another language must carry the same keys with the same parameters.
 * Text may hold `{name}` placeholders. A plural entry picks its text by Intl.PluralRules of the `count` parameter.
 */
export interface PluralEntry {
  readonly zero?: string;
  readonly one: string;
  readonly two?: string;
  readonly few?: string;
  readonly many?: string;
  readonly other: string;
}

export type Entry = string | PluralEntry;
export type Catalog = Readonly<Record<string, Entry>>;
/** Numbers are written by Intl.NumberFormat of the language. */
export type Value = string | number;

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** Names of the parameters of one entry. */
export type NamesOf<E> = E extends string
  ? Names<E>
  : E extends PluralEntry
    ? 'count' | Names<E['one'] | E['other']>
    : never;

type ParamsOf<E> = E extends string
  ? { readonly [Name in Names<E>]: Value }
  : { readonly count: number } & { readonly [Name in Exclude<NamesOf<E>, 'count'>]: Value };

/** Arguments after the key: none where the text has no parameters. */
export type Args<E> = [NamesOf<E>] extends [never] ? [] : [params: ParamsOf<E>];

/** What another language must provide for the catalog `Source`. */
export type Translation<Source extends Catalog> = {
  readonly [Key in keyof Source]: Source[Key] extends string ? string : PluralEntry;
};
