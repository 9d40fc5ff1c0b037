/**
 * Theme and density live as attributes of <html>: the server writes them from two cookies, so that no page flashes and no
 * inline script is needed; a change sets attribute and cookie at once. The person's stored preference is the source of both.
 */
import type { Preferences } from '../../domain/user.ts';

export const THEME_COOKIE = 'cmbcluster_theme';
export const DENSITY_COOKIE = 'cmbcluster_density';
const YEAR_S = 31_536_000;

export interface RootAttributes {
  'data-theme'?: 'light' | 'dark';
  'data-density'?: 'compact';
}

/** Attributes of <html> for the cookie values that the browser sent; anything unknown counts as not set. */
export function rootAttributes(theme: string | undefined, density: string | undefined): RootAttributes {
  return {
    ...(theme === 'light' || theme === 'dark' ? { 'data-theme': theme } : {}),
    ...(density === 'compact' ? { 'data-density': density } : {}),
  };
}

/** Browser only. */
export function applyLook({ theme, density }: Partial<Pick<Preferences, 'theme' | 'density'>>): void {
  const root = document.documentElement;
  if (theme) {
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
    remember(THEME_COOKIE, theme);
  }
  if (density) {
    if (density === 'comfortable') delete root.dataset.density;
    else root.dataset.density = density;
    remember(DENSITY_COOKIE, density);
  }
}

function remember(name: string, value: string): void {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Safari and on plain http
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
}
