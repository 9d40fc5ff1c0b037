/** One value of a Combobox. */
export interface ComboboxOption {
  value: string;
  label: string;
  hint?: string;
  /** Further words that find it. */
  keywords?: string[];
}
