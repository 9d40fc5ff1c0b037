/** Words of the help pages' frame; the articles themselves are in ui/help. */
export const help = {
  'help.title': 'Help',
  'help.intro': 'Short answers for the things people do every day.',
  'help.all': 'All topics',
  'help.related': 'See also',
} as const;
