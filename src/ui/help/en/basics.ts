/** First steps, files, keyboard. */
import type { HelpTopic } from '../topic.ts';

export const basics: readonly HelpTopic[] = [
  {
    slug: 'first-launch',
    title: 'Launch your first environment',
    summary: 'From the catalog to a running terminal in three clicks.',
    keywords: ['start', 'begin', 'terminal', 'jupyter', 'application', 'open'],
    blocks: [
      {
        kind: 'text',
        text: 'An environment is one application of the catalog, running for you, with your files beside it. The built-in **Terminal** needs nothing installed and is a good first one.',
      },
      {
        kind: 'steps',
        steps: [
          'Open **Catalog** and choose an application.',
          'Keep the proposed name, size and storage, or change them. Without a bucket of your own, one is made for you.',
          'Press **Launch**. The page shows each step with its time and opens the application by itself once it is ready.',
        ],
      },
      {
        kind: 'text',
        text: 'The application opens at an address of its own, which works only while you are signed in. Come back to it at any time with **Open** on Home or in Environments.',
      },
      { kind: 'note', text: 'While a launch is under way you can cancel it. Nothing is left behind.' },
    ],
    related: ['files', 'stop-and-start', 'not-installed'],
  },
  {
    slug: 'files',
    title: 'Your files',
    summary: 'Where files live, what is kept, and how to bring them in and out.',
    keywords: [
      'storage',
      'bucket',
      'upload',
      'download',
      'workspace',
      'folder',
      'save',
      'disk',
      'undo',
      'version',
      'restore',
      'zip',
      'search',
    ],
    blocks: [
      {
        kind: 'text',
        text: 'Every environment works in a **bucket**: a folder that belongs to you and outlives the environment. It is the folder in which the application starts; programs find it as `$CMBCLUSTER_WORKSPACE`. What you save there appears under **Storage**, and what you upload there appears in the environment.',
      },
      { kind: 'heading', text: 'Bring files in and out' },
      {
        kind: 'list',
        items: [
          '**In:** open the bucket under Storage and drop files or folders onto the list, paste them, or press Upload. Uploads go on while you visit other pages; large ones can be paused, and are taken up again after a broken connection.',
          '**Out:** choose Download in the menu of a file. A folder, or several files at once, come as one zip.',
          '**Look:** a click shows text, Markdown, images, PDF, notebooks, tables and FITS files (images, maps of the sky, spectra) without downloading.',
          '**Find:** the search field above the list looks through the names in this folder and all below it.',
        ],
      },
      { kind: 'heading', text: 'Undo' },
      {
        kind: 'text',
        text: 'Moves, renamings and deletions can be undone: press **Undo** in the message, or `Ctrl Z` in the list. Later, **Deleted files** above the list brings back what is still kept, and **Versions** in the menu of a file shows what it held before. How long that is kept is said there. It holds for changes made here; a program in an environment that overwrites a file keeps a version only where the bucket itself does.',
      },
      { kind: 'heading', text: 'What is kept' },
      {
        kind: 'list',
        items: [
          'The bucket stays when an environment is stopped or deleted. It is deleted only under Storage, and never while an environment uses it.',
          'The home folder of your environments (`$HOME`: settings, shell history, installed packages) is kept too. It is not part of the bucket.',
          'Running programs and unsaved work are lost when an environment stops, like when a computer is shut down.',
        ],
      },
      { kind: 'heading', text: 'On the machine itself' },
      {
        kind: 'text',
        text: 'With the embedded default, a bucket is a plain folder below the data folder that the server names at its start (usually `~/.local/share/cmbcluster/buckets`). You may look into it and copy from it with any program.',
      },
    ],
    related: ['first-launch', 'stop-and-start'],
  },
  {
    slug: 'keyboard',
    title: 'Work by keyboard',
    summary: 'Every page and action without the mouse.',
    keywords: ['shortcut', 'palette', 'keys', 'hotkey', 'accessibility'],
    blocks: [
      {
        kind: 'text',
        text: 'The palette finds every page, your environments and buckets, actions and these help pages. Type a few letters of what you want.',
      },
      {
        kind: 'keys',
        rows: [
          ['mod+k', 'Open the palette'],
          ['g h', 'Home'],
          ['g e', 'Environments'],
          ['g c', 'Catalog'],
          ['g s', 'Storage'],
          ['g o', 'Help'],
          ['l', 'Launch an environment'],
          ['/', 'Search this page'],
          ['?', 'Show all shortcuts'],
          ['escape', 'Close what is open'],
        ],
      },
      { kind: 'heading', text: 'In tables' },
      {
        kind: 'keys',
        rows: [
          ['up down', 'Move between rows'],
          ['enter', 'Open the row'],
          ['space', 'Select the row; with Shift, all rows up to it'],
          ['mod+a', 'Select all rows'],
        ],
      },
      { kind: 'heading', text: 'In lists of files' },
      {
        kind: 'keys',
        rows: [
          ['f2', 'Rename'],
          ['delete', 'Delete what is selected'],
          ['mod+z', 'Undo the last change'],
          ['backspace', 'The folder above'],
        ],
      },
      { kind: 'text', text: 'Letters typed on a row go to the next name that begins with them.' },
      { kind: 'note', text: 'Single-letter shortcuts rest while you type in a field or a dialog is open.' },
    ],
    related: ['first-launch'],
  },
];
