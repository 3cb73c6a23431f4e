import { isThisMachineOnly, shown } from './environment.mjs';

/**
 * What a person sees when all is up.
 *
 * @param {object} facts
 * @param {string} facts.url
 * @param {string} facts.host that it listens on
 * @param {number} facts.port
 * @param {string} facts.seconds since the launch began
 * @param {string} facts.directory of the data
 * @param {boolean} facts.postgres whether the local server is used
 * @param {boolean} facts.redis
 * @param {boolean} facts.mail
 * @param {boolean} facts.loopback whether http jobs may call this machine
 * @returns {string}
 */
export function banner({ url, host, port, seconds, directory, postgres, redis, mail, loopback }) {
  const folder = shown(directory);
  const body = JSON.stringify({ email: 'ada@example.com', password: 'correct-horse-battery', name: 'Ada' });
  const rows = [
    ['Punctual', url],
    ['API docs', `${url}/api`],
    [
      'Listens on',
      isThisMachineOnly(host)
        ? `${host}:${port}, for this machine alone (HOST=0.0.0.0 opens it to the network)`
        : `${host}:${port}: whoever reaches this port can use it`,
    ],
    [
      'Data',
      postgres
        ? `${folder}/postgres (a private PostgreSQL; delete ${folder} to start over)`
        : 'PostgreSQL as the environment names it',
    ],
    ['Redis', redis ? 'private, nothing in it needs to last' : 'as the environment names it'],
    ['Mail', mail ? `caught, not delivered: ${folder}/mail` : 'through SMTP_HOST'],
    ...(loopback ? [['Local mode', 'http jobs may call this machine (HTTP_JOBS_ALLOW_LOOPBACK=true)']] : []),
  ];
  return [
    '',
    `Punctual is ready (${seconds}). Ctrl-C stops it.`,
    '',
    ...rows.map(([name = '', value = '']) => `  ${name.padEnd(11)} ${value}`),
    '',
    '  Try it:',
    '',
    `  curl -s ${url}/auth/register -H 'content-type: application/json' \\`,
    `    -d '${body}'`,
    '',
  ].join('\n');
}
