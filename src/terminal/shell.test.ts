import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
      'PWD',
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

  it('gives bash, and no other shell, its prompt', () => {
    const withRc = { ...options, bashrc: '/programs/terminal.bashrc' };
    const bash = shellCommand({ SHELL: '/bin/bash' }, withRc);
    if (bash.file === '/bin/bash') expect(bash.args).toEqual(['--rcfile', '/programs/terminal.bashrc', '-i']);
    expect(shellCommand({ SHELL: '/bin/sh' }, withRc).args).toEqual(['-i']);
  });

  it('starts in / when the folder is gone', () => {
    expect(shellCommand({}, { ...options, cwd: '/no/such/folder' }).cwd).toBe('/');
  });
});

describe.skipIf(!existsSync('/bin/bash'))('the prompt of bash (skipped where there is no bash)', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'terminal-prompt-'));
    mkdirSync(join(home, 'maps'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const prompt = (cwd: string, workspace: string): string => {
    const args = ['--rcfile', join(import.meta.dirname, 'bashrc'), '-i', '-c', `printf %s "\${PS1@P}"`];
    const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, PWD: cwd, CMBCLUSTER_WORKSPACE: workspace };
    const text = execFileSync('/bin/bash', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return text.replace(/[\x01\x02]|\x1b\[[\d;]*m/g, '').replace(/[$#] $/, '$');
  };

  it('calls the workspace by that name, whatever its path', () => {
    expect(prompt(home, home)).toBe('workspace $');
    expect(prompt(join(home, 'maps'), home)).toBe('workspace/maps $');
    expect(prompt(join(home, 'maps'), '/elsewhere')).toBe('~/maps $');
    expect(prompt('/', home)).toBe('/ $');
  });

  it('leaves a prompt that the person chose', () => {
    writeFileSync(join(home, '.bashrc'), "PS1='mine $'");
    expect(prompt(home, home)).toBe('mine $');
  });
});
