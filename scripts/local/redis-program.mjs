import { existsSync, readFileSync } from 'node:fs';
import { installPackages, onPath, rightToInstall } from './debian-packages.mjs';
import { LaunchError } from './progress.mjs';

/**
 * Finds a Redis server on PATH; where there is none, installs Debian's or Ubuntu's package if that is allowed, saying so.
 *
 * @returns {Promise<string>} its path
 * @throws {LaunchError} with the one command to type
 */
export async function findOrInstallRedis() {
  const found = findRedis();
  if (found) return found;
  const become = await rightToInstall();
  if (!become) throw new LaunchError(advice());
  console.log('  … No redis-server or valkey-server on PATH: installing the package redis-server with apt-get');
  // The package starts a service of its own on port 6379. Punctual starts a private server, so that one is not needed.
  await installPackages(become, ['redis-server'], ['redis-server'], advice());
  const installed = findRedis();
  if (!installed) throw new LaunchError(`The package was installed, yet no redis-server is on PATH.\n${advice()}`);
  return installed;
}

const findRedis = () => onPath('redis-server', 'valkey-server');

function advice() {
  return (
    'Punctual needs a Redis server. Install one with\n\n' +
    `    ${installCommand()}\n\n` +
    'and start again, or set REDIS_HOST to a server that is already there.'
  );
}

function installCommand() {
  if (process.platform === 'darwin') return 'brew install redis';
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const [, family = ''] = /^(?:ID_LIKE|ID)=.*\b(debian|ubuntu|fedora|rhel|arch|suse|alpine)\b/m.exec(release) ?? [];
  if (['fedora', 'rhel'].includes(family)) return 'sudo dnf install -y valkey';
  if (family === 'arch') return 'sudo pacman -S --noconfirm valkey';
  if (family === 'alpine') return 'apk add redis';
  if (family === 'suse') return 'sudo zypper install -y redis';
  return 'sudo apt-get install -y redis-server';
}
