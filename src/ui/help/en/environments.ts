/** Life of an environment: stop, limits, failures, missing applications. */
import type { HelpTopic } from '../topic.ts';

export const environments: readonly HelpTopic[] = [
  {
    slug: 'variables-and-files',
    title: 'Variables and files for every environment',
    summary: 'Keep API keys, credentials and settings once; each environment gets them at its start.',
    keywords: ['secret', 'credential', 'password', 'key', 'token', 'env', 'dotenv', 'environment variable', 'json'],
    blocks: [
      {
        kind: 'text',
        text: 'Under **Settings** you keep **variables** and **files** that all your environments get. Values are stored encrypted. They can be replaced and deleted, but never be read again on any page, by you or by administrators.',
      },
      { kind: 'heading', text: 'Variables' },
      {
        kind: 'list',
        items: [
          'Programs find them as environment variables: `echo $NAME` in a terminal, `os.environ["NAME"]` in Python.',
          'A whole `.env` file can be pasted at once. Lines that cannot be read are named, and nothing is saved until all can.',
          'A variable given in the launch form goes before one of the same name from Settings, for that environment alone.',
          'At most 100, 32 KiB each and 256 KiB together. Names that the platform sets itself (`PATH`, `HOME`, `LD_…` and such) are refused.',
        ],
      },
      { kind: 'heading', text: 'Files' },
      {
        kind: 'list',
        items: [
          'Each file has a path in the home folder, such as `~/.pgpass`. Only your own programs can read it.',
          'A file that you made or changed by hand at that path is left alone. The log of the environment then says so; move yours away and restart to get the kept one.',
          'At most 50 files, 512 KiB each and 1 MiB together. Larger files belong into a bucket.',
        ],
      },
      { kind: 'heading', text: 'When a change arrives' },
      {
        kind: 'text',
        text: 'At the next start of an environment. Settings shows which running ones still have the older values and can restart them. A deleted file leaves the home folder at the next start, too.',
      },
      {
        kind: 'note',
        text: 'What an environment is given, every program in it can read. Keep only what your programs need, with as few rights as they need.',
      },
    ],
    related: ['stop-and-start', 'files'],
  },
  {
    slug: 'stop-and-start',
    title: 'Stop and start again',
    summary: 'What stopping keeps, and what happens when the server is closed.',
    keywords: ['restart', 'pause', 'resume', 'shutdown', 'ctrl-c', 'reboot', 'delete'],
    blocks: [
      {
        kind: 'text',
        text: '**Stop** ends the application gracefully and gives its share of your limits back. The environment stays in your list with its application, size, storage and variables; **Start** brings it back as it was, with all files.',
      },
      {
        kind: 'list',
        items: [
          '**Stop** keeps everything but running programs and unsaved work.',
          '**Delete** removes the environment itself. Its bucket and your home folder stay.',
        ],
      },
      { kind: 'heading', text: 'When the server stops' },
      {
        kind: 'text',
        text: 'Closing the server with Ctrl-C stops all environments gracefully; the next start brings back those that were running. If the server is killed or crashes, environments go on by themselves and are found again when it returns.',
      },
    ],
    related: ['files', 'limits', 'does-not-start'],
  },
  {
    slug: 'limits',
    title: 'Sizes and limits',
    summary: 'How much you can run at once, and what to do when it is not enough.',
    keywords: ['quota', 'cpu', 'memory', 'tier', 'size', 'uptime', 'cores'],
    blocks: [
      {
        kind: 'text',
        text: 'Limits hold for everything that you run at the same time: the number of environments, their CPU cores and their memory together. Home shows how much is in use. Stopped environments use nothing.',
      },
      {
        kind: 'steps',
        steps: [
          'A size that does not fit cannot be chosen; the reason stands beside it.',
          'Stop an environment that you do not need now, or choose a smaller size.',
          'If that is not enough, ask whoever runs this server for a larger tier.',
        ],
      },
      {
        kind: 'text',
        text: 'Some tiers also limit how long an environment may run. Its page then says when it will be stopped. Stopping loses nothing that is saved.',
      },
      {
        kind: 'note',
        text: 'Where the size cards say that sizes are not limited on this machine, they are counted but not enforced: the operating system gave the server no means to hold a program to its share.',
      },
    ],
    related: ['stop-and-start', 'does-not-start'],
  },
  {
    slug: 'not-installed',
    title: 'An application is not installed',
    summary: 'JupyterLab, Streamlit or VS Code is shown, but this machine does not have it.',
    keywords: ['install', 'missing', 'jupyterlab', 'streamlit', 'vscode', 'code-server', 'pip', 'command not found'],
    blocks: [
      {
        kind: 'text',
        text: 'With the embedded default, environments are programs of the machine on which the server runs. The Terminal is built in; the others must be installed there once. The catalog shows the one line that does it.',
      },
      {
        kind: 'steps',
        steps: [
          'Copy the line from the application’s card.',
          'Run it in a terminal of that machine. The built-in Terminal is one, if you may install software there.',
          'Reload the catalog. The application can be launched as soon as its program is found.',
        ],
      },
      {
        kind: 'text',
        text: 'If it is installed but still not found, its folder is not on the `PATH` with which the server was started. Restart the server from a shell in which the program can be called by its name.',
      },
    ],
    related: ['first-launch', 'does-not-start'],
  },
  {
    slug: 'does-not-start',
    title: 'An environment does not start',
    summary: 'How to read a failed launch, and what helps for each cause.',
    keywords: ['failed', 'error', 'crash', 'log', 'troubleshooting', 'out of memory', 'timeout'],
    blocks: [
      {
        kind: 'text',
        text: 'The step that failed is red on the environment’s page, with the cause in words and the buttons that help. **Logs** shows all that the application printed, also after it ended.',
      },
      {
        kind: 'list',
        items: [
          '**The program was not found:** it is not installed on this machine, or the command has a typing mistake.',
          '**It ended at once:** the last lines of the log say why. A wrong option in a custom command is the usual reason.',
          '**It was not ready in time:** it runs but does not answer. A custom command must listen on the address it is given.',
          '**It ran out of memory:** start it again with a larger size.',
          '**It disappeared:** the machine was restarted, or something outside ended it. Start it again; saved files are there.',
          '**The storage could not be used:** the disk may be full or read-only. Free some space, then retry.',
        ],
      },
      {
        kind: 'text',
        text: 'When you ask for help, open Details under the error and copy them: code, time and correlation id lead straight to the right lines of the server’s log.',
      },
    ],
    related: ['not-installed', 'limits'],
  },
];
