/** Why a variable or a file is not taken, each case in its own words. No value is ever part of them. */
import { AppError } from '../../domain/errors.ts';
import {
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_FILES_BYTES,
  MAX_VALUE_BYTES,
  MAX_VARIABLES,
  MAX_VARIABLES_BYTES,
  type PathFault,
  type VariableFault,
} from '../../domain/secrets.ts';

const KIB = 1024;

export function refusedVariable(name: string, fault: VariableFault): AppError {
  const words: Record<VariableFault, string> = {
    invalid: `"${name}" is not a valid variable name: letters, digits and _ only, not starting with a digit, at most 128 characters.`,
    reserved: `${name} is set by the platform, or changes what its programs load. Choose another name.`,
    nul: `The value of ${name} holds a NUL character, which no environment can carry.`,
    large: `The value of ${name} is larger than ${MAX_VALUE_BYTES / KIB} KiB. Keep it as a file.`,
  };
  return new AppError('invalid_argument', words[fault]);
}

export const tooManyVariables = (): AppError =>
  new AppError('resource_exhausted', `You can keep ${MAX_VARIABLES} variables. Delete some that you no longer need.`);

export const variablesTooLarge = (): AppError =>
  new AppError(
    'resource_exhausted',
    `All variables together may hold ${MAX_VARIABLES_BYTES / KIB} KiB, names included. Keep large values as files.`,
  );

const PATH_WORDS: Record<PathFault, string> = {
  empty: 'A file needs a path below the home folder, such as ~/.config/tool/key.json.',
  outside: 'The path must lie below the home folder: write it as ~/.config/tool/key.json.',
  dots: 'The path may not hold the parts “.” and “..”.',
  slashes: 'The path holds an empty part: two slashes in a row, or one at the end.',
  control: 'The path holds a character that cannot be shown.',
  long: 'The path is too long: at most 1,024 bytes, and 255 for each part.',
  reserved: 'The folder ~/.cmbcluster belongs to the platform. Choose another one.',
};

export const refusedPath = (fault: PathFault): AppError => new AppError('invalid_argument', PATH_WORDS[fault]);

export const pathTaken = (path: string): AppError =>
  new AppError('already_exists', `There is a file ~/${path} already. Change that one, or choose another path.`);

export const pathInTheWay = (other: string): AppError =>
  new AppError('invalid_argument', `~/${other} is in the way: one of the two would be a folder of the other.`);

export const notBase64 = (): AppError =>
  new AppError('invalid_argument', 'The content of the file arrived damaged. Choose it again.');

export const fileTooLarge = (): AppError =>
  new AppError(
    'invalid_argument',
    `A file may hold ${MAX_FILE_BYTES / KIB} KiB. Larger ones belong into a storage, which environments work in.`,
  );

export const tooManyFiles = (): AppError =>
  new AppError('resource_exhausted', `You can keep ${MAX_FILES} files. Delete some that you no longer need.`);

export const filesTooLarge = (): AppError =>
  new AppError(
    'resource_exhausted',
    `All files together may hold ${MAX_FILES_BYTES / KIB / KIB} MiB. Delete some, or put large ones into a storage.`,
  );
