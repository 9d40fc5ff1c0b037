import { describe, expect, it } from 'vitest';
import { shellCommand } from './shell.ts';

const options = { accountShell: null, cwd: '/tmp' };

describe('shellCommand', () => {
  it('keeps its own secrets and another terminal’s traces out of the shell', () => {
    const { env } = shellCommand(
      {
        CMBCLUSTER_SECRET: 'x',
        CMBCLUSTER_SOCKET: '/s',
        PORT: '1',
        NODE_OPTIONS: '-r x',
        TMUX: 't',
        npm_config_x: 'y',
        CMBCLUSTER_WORKSPACE: '/w',
        DATA: 'd',
      },
      options,
    );
    expect(Object.keys(env).sort()).toEqual([
      'CMBCLUSTER_WORKSPACE',
      'COLORTERM',
      'DATA',
      'LANG',
      'SHELL',
      'TERM',
      'TERM_PROGRAM',
    ]);
    expect(env).toMatchObject({ TERM: 'xterm-256color', COLORTERM: 'truecolor', DATA: 'd' });
  });

  it('keeps a given locale', () => {
    expect(shellCommand({ LC_ALL: 'de_DE.UTF-8' }, options).env.LANG).toBeUndefined();
  });

  it('takes $SHELL, then the account’s, then what there is', () => {
    expect(shellCommand({ SHELL: '/bin/sh' }, options)).toMatchObject({ file: '/bin/sh', args: ['-i'] });
    expect(shellCommand({ SHELL: '/no/such' }, { ...options, accountShell: '/bin/sh' }).file).toBe('/bin/sh');
    expect(shellCommand({ SHELL: '/usr/sbin/nologin' }, options).file).toMatch(/\/(bash|sh)$/);
  });

  it('starts in / when the folder is gone', () => {
    expect(shellCommand({}, { ...options, cwd: '/no/such/folder' }).cwd).toBe('/');
  });
});
