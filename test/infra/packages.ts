import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages, onPath, rightToInstall } from '../../scripts/local/debian-packages.mjs';
import { LaunchError } from '../../scripts/local/progress.mjs';

const postgresFolder = '/usr/lib/postgresql';

/** Where the binaries of the newest installed PostgreSQL of Debian are. */
export function postgresBinaries(): string | undefined {
  const versions = existsSync(postgresFolder) ? readdirSync(postgresFolder) : [];
  const newest = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(postgresFolder, version, 'bin'));
  return newest.find((folder) => existsSync(join(folder, 'postgres')));
}

/** Each package of Debian with what shows that it is there, and the services that it starts. */
const needed: { name: string; there: () => unknown; services: string[] }[] = [
  { name: 'postgresql', there: postgresBinaries, services: ['postgresql'] },
  { name: 'pgbouncer', there: () => onPath('pgbouncer') ?? existsSync('/usr/sbin/pgbouncer'), services: ['pgbouncer'] },
  { name: 'haproxy', there: () => onPath('haproxy') ?? existsSync('/usr/sbin/haproxy'), services: ['haproxy'] },
  { name: 'redis-server', there: () => onPath('redis-server'), services: ['redis-server'] },
  { name: 'redis-sentinel', there: () => onPath('redis-sentinel'), services: ['redis-sentinel'] },
  { name: 'redis-tools', there: () => onPath('redis-cli'), services: [] },
  { name: 'openssl', there: () => onPath('openssl'), services: [] },
];

/** @returns what it did; fails with the command to type where packages are missing and may not be installed */
export async function ensurePackages(): Promise<string> {
  const missing = needed.filter(({ there }) => !there());
  if (missing.length === 0) return 'there';
  const names = missing.map(({ name }) => name);
  const advice = `Install what is missing with\n\n    sudo apt-get install -y ${names.join(' ')}\n`;
  const become = await rightToInstall();
  if (!become) throw new LaunchError(`${names.join(', ')}: not installed, and this account may not. ${advice}`);
  const services = missing.flatMap((one) => one.services);
  await installPackages(become, names, services, advice);
  const absent = missing.filter(({ there }) => !there()).map(({ name }) => name);
  if (absent.length > 0) throw new LaunchError(`${absent.join(', ')}: installed, yet not found. ${advice}`);
  return `installed ${names.join(', ')}`;
}
