/** Types of programs.mjs, which stays plain so that the test scripts can run it before anything is installed. */
export const PROGRAM_NAMES: readonly string[];
export function programTitle(name: string): string;
/** Folder with the executables of a program, made when missing. */
export function program(name: string): Promise<string>;
