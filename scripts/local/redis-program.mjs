import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runTask } from './processes.mjs';
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
  const hadService = existsSync('/etc/init.d/redis-server');
  await install([...become, 'apt-get', 'update', '-qq']);
  const unattended = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  const flags = ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=120'];
  await install([...become, ...unattended, 'apt-get', 'install', ...flags, 'redis-server']);
  if (!hadService) await stopPackagedService(become);
  const installed = findRedis();
  if (!installed) throw new LaunchError(`The package was installed, yet no redis-server is on PATH.\n${advice()}`);
  return installed;
}

function findRedis() {
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder || '.', name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        continue; // not in this folder
      }
    }
  }
  return undefined;
}

/** @returns {Promise<string[] | undefined>} what to put before a command so that it may install; undefined: it may not */
async function rightToInstall() {
  if (!existsSync('/etc/debian_version')) return undefined;
  if (process.getuid?.() === 0) return [];
  return (await runTask(['sudo', '-n', 'true'])).ok ? ['sudo', '-n'] : undefined;
}

/**
 * The package starts a service of its own on port 6379. Punctual starts a private server, so that one is not needed.
 *
 * @param {string[]} become
 */
async function stopPackagedService(become) {
  const commands = existsSync('/run/systemd/system')
    ? [['systemctl', 'disable', '--now', 'redis-server']]
    : [
        ['service', 'redis-server', 'stop'],
        ['update-rc.d', 'redis-server', 'disable'],
      ];
  // Failing here costs nothing: there may be no service manager at all.
  for (const command of commands) await runTask([...become, ...command]);
}

/** @param {string[]} line */
async function install(line) {
  const { ok, end, output } = await runTask(line, { interruptible: false });
  if (!ok) throw new LaunchError(`"${line.join(' ')}" failed (${end}):\n${output}\n${advice()}`);
}

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
