/**
 * The English catalog: complete, and the contract of every other language. One section file a part of the app; keys begin
 * with the section's name. A new section is one file in en/ and one line here.
 */
import { help } from './en/help.ts';
import { primitives } from './en/primitives.ts';
import { shell } from './en/shell.ts';
import { signIn } from './en/sign-in.ts';

export const en = {
  ...primitives,
  ...shell,
  ...signIn,
  ...help,
} as const;
