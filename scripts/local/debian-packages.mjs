import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runTask } from './processes.mjs';
import { LaunchError } from './progress.mjs';

/**
 * @param {string[]} names in the order of preference
 * @returns {string | undefined} path of the first that is on PATH
 */
export function onPath(...names) {
  for (const name of names) {
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
export async function rightToInstall() {
  if (!existsSync('/etc/debian_version')) return undefined;
  if (process.getuid?.() === 0) return [];
  return (await runTask(['sudo', '-n', 'true'])).ok ? ['sudo', '-n'] : undefined;
}

/**
 * Installs packages of Debian or Ubuntu, and stops and disables the services that they bring: private servers are started instead.
 *
 * @param {string[]} become see {@link rightToInstall}
 * @param {string[]} packages
 * @param {string[]} services that they bring
 * @param {string} advice what to do where it fails
 */
export async function installPackages(become, packages, services, advice) {
  const brought = services.filter((service) => !existsSync(`/etc/init.d/${service}`));
  const unattended = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  const flags = ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=120'];
  await install([...become, 'apt-get', 'update', '-qq'], advice);
  await install([...become, ...unattended, 'apt-get', 'install', ...flags, ...packages], advice);
  for (const service of brought) await stopPackagedService(become, service);
}

/**
 * @param {string[]} become
 * @param {string} service
 */
async function stopPackagedService(become, service) {
  const commands = existsSync('/run/systemd/system')
    ? [['systemctl', 'disable', '--now', service]]
    : [
        ['service', service, 'stop'],
        ['update-rc.d', service, 'disable'],
      ];
  // Failing here costs nothing: there may be no service manager at all.
  for (const command of commands) await runTask([...become, ...command]);
}

/**
 * @param {string[]} line
 * @param {string} advice
 */
async function install(line, advice) {
  const { ok, end, output } = await runTask(line, { interruptible: false });
  if (!ok) throw new LaunchError(`"${line.join(' ')}" failed (${end}):\n${output}\n${advice}`);
}
