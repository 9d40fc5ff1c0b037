/**
 * Runs the one program that a script exists for: on the person's terminal, told once about each signal, its exit code passed on.
 * Dependency-free, runs on Node 20.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** npm passes on a Ctrl-C that the terminal has sent to every process already: the same signal within this time is that echo. */
const ECHO_MS = 500;

/**
 * The program gets its own process group, so that the terminal's Ctrl-C reaches this script alone, which passes it on once; a
 * second Ctrl-C of an impatient person is passed on again. A closed terminal asks for an orderly end like any other.
 * @returns the exit code, 128 + the signal's number when a signal ended the program
 */
export function foreground(command, args, { cwd = process.cwd(), env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit', detached: true });
    const lastAt = new Map();
    const pass = (signal) => {
      const now = performance.now();
      if (now - (lastAt.get(signal) ?? Number.NEGATIVE_INFINITY) < ECHO_MS) return;
      lastAt.set(signal, now);
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    };
    for (const signal of SIGNALS) process.on(signal, pass);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of SIGNALS) process.off(name, pass);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}
