import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { LaunchError } from './progress.mjs';

/**
 * Asks the person at the terminal.
 *
 * @param {string} question
 * @param {{ hidden?: boolean, instead: string }} options `hidden` shows nothing of what is typed; `instead`: the setting
 *   that answers where there is no terminal
 * @returns {Promise<string>}
 */
export async function ask(question, { hidden = false, instead }) {
  if (!process.stdin.isTTY) throw new LaunchError(`There is no terminal to ask at; set ${instead}.`);
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: hidden ? nothing : process.stdout, terminal: true });
  if (hidden) process.stdout.write(question);
  const aborted = new AbortController();
  terminal.once('SIGINT', () => aborted.abort());
  try {
    return await terminal.question(hidden ? '' : question, { signal: aborted.signal });
  } finally {
    terminal.close();
    if (hidden) process.stdout.write('\n');
  }
}
