/** One line of the doctor's: what was looked at, and what it means. */
export interface Check {
  name: string;
  ok: boolean;
  message: string;
}
