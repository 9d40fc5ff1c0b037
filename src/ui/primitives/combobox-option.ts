/** One value of a Combobox. */
export interface ComboboxOption {
  value: string;
  label: string;
  hint?: string;
  /** Further words that find it. */
  keywords?: string[];
}

export interface ComboboxProps {
  options: readonly ComboboxOption[];
  value: string | null;
  onChange: (value: string) => void;
  placeholder?: string;
  label?: string;
  disabled?: boolean;
  className?: string;
}
