/**
 * The English catalog: complete, and the contract of every other language. One section file a part of the app; keys begin
 * with the section's name. A new section is one file in en/ and one line here.
 */
import { activity } from './en/activity.ts';
import { adminDatabase } from './en/admin-database.ts';
import { adminSettings } from './en/admin-settings.ts';
import { adminUsers } from './en/admin-users.ts';
import { catalog } from './en/catalog.ts';
import { environments } from './en/environments.ts';
import { files } from './en/files.ts';
import { help } from './en/help.ts';
import { home } from './en/home.ts';
import { kept } from './en/kept.ts';
import { preview } from './en/preview.ts';
import { primitives } from './en/primitives.ts';
import { problems } from './en/problems.ts';
import { secrets } from './en/secrets.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';
import { signIn } from './en/sign-in.ts';
import { storage } from './en/storage.ts';
import { storages } from './en/storages.ts';
import { upload } from './en/upload.ts';

export const en = {
  ...primitives,
  ...shell,
  ...signIn,
  ...help,
  ...home,
  ...catalog,
  ...environments,
  ...storage,
  ...storages,
  ...files,
  ...kept,
  ...upload,
  ...preview,
  ...secrets,
  ...settings,
  ...adminDatabase,
  ...adminSettings,
  ...adminUsers,
  ...activity,
  ...problems,
} as const;
