import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LaunchError } from './progress.mjs';

/**
 * PostgreSQL refuses to run as root. This is how root runs it as somebody else, without a new user on the machine.
 *
 * @typedef {object} Account
 * @property {string[]} prefix the command line that PostgreSQL's own is appended to
 * @property {{ uid: number, gid: number } | undefined} owner whom its files must belong to, where that has to be seen to
 */

const nobody = 65_534;

/**
 * Root mapped to another number in a user namespace: no other user's rights are needed anywhere, and the files stay root's.
 *
 * @type {Account}
 */
const mappedRoot = {
  prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000'],
  owner: { uid: 0, gid: 0 },
};

/**
 * For places without user namespaces (many containers): another user who may pass through closed folders.
 *
 * @param {number} uid
 * @param {number} gid
 * @returns {Account}
 */
const otherUser = (uid, gid) => ({
  prefix: [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ],
  owner: { uid, gid },
});

/**
 * @param {string} directory of the cluster; its parent exists
 * @param {string} binary a PostgreSQL program to try it with
 * @returns {Account}
 */
export function accountFor(directory, binary) {
  if (process.getuid?.() !== 0) return { prefix: [], owner: undefined };
  const parent = dirname(directory);
  const { uid, gid } = lstatSync(existsSync(directory) ? directory : parent);
  const candidates = uid === 0 ? [mappedRoot, otherUser(nobody, nobody)] : [otherUser(uid, gid), mappedRoot];
  const account = candidates.find((candidate) => works(candidate, parent, binary));
  if (account) return account;
  throw new LaunchError(
    'PostgreSQL refuses to run as root, and neither "unshare --user" nor "setpriv" (util-linux) works here.\n' +
      'Start Punctual as an ordinary user, or set DB_HOST to a PostgreSQL server that is already there.',
  );
}

/**
 * @param {Account} account
 * @param {string} parent
 * @param {string} binary
 */
function works({ prefix: [command = '', ...args] }, parent, binary) {
  const probe = ['sh', '-c', 'test -x "$0" && "$1" --version', parent, binary];
  return spawnSync(command, [...args, ...probe], { stdio: 'ignore' }).status === 0;
}

/**
 * Gives a cluster that was made under another account to this one.
 *
 * @param {string} directory
 * @param {Account} account
 */
export function handOver(directory, { owner }) {
  if (!owner || lstatSync(directory).uid === owner.uid) return;
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(directory, entry), owner.uid, owner.gid);
  }
  chownSync(directory, owner.uid, owner.gid);
}
