import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTask } from '../../../scripts/local/processes.mjs';
import { Authority, inOneLine } from '../certificates.js';
import { Client, readiness } from '../client.js';
import { Postgres } from '../postgres.js';
import { RedisServer } from '../redis.js';
import type { Scenario } from '../scenario.js';

const here = 'DNS:localhost,IP:127.0.0.1';

export const encrypted: Scenario = {
  name: 'tls',
  title: 'TLS with an authority and client certificates of one’s own, PostgreSQL and Redis: proven, or refused',
  async run(stage) {
    const ours = await Authority.make(join(stage.folder, 'ours'), 'Our authority');
    const strange = await Authority.make(join(stage.folder, 'strange'), 'Somebody else');
    const [server, client] = [await ours.sign('server', here), await ours.sign(Postgres.role.username, here)];
    const elsewhere = await ours.sign('elsewhere', 'DNS:elsewhere.example.com');

    const role = Postgres.role.username;
    const encrypting = (pair: typeof server) => ({
      ...{ ssl: 'on', ssl_ca_file: ours.ca, ssl_cert_file: pair.cert, ssl_key_file: pair.key },
    });
    const hba = [`hostnossl all ${role} all reject`, `hostssl all ${role} all scram-sha-256 clientcert=verify-full`];
    const postgres = await Postgres.start(stage, { settings: encrypting(server), hba });
    const wrong = await Postgres.start(stage, { name: 'elsewhere', settings: encrypting(elsewhere), hba });

    const tls = { ca: readFileSync(ours.ca), cert: readFileSync(client.cert), key: readFileSync(client.key) };
    const files = ['--tls-cert-file', server.cert, '--tls-key-file', server.key, '--tls-ca-cert-file', ours.ca];
    const redis = await RedisServer.start(stage, { isPlain: false, flags: files, operator: { tls } });

    const { username, password, database } = Postgres.role;
    const urlOf = ({ port }: Postgres, host = '127.0.0.1'): string =>
      `postgresql://${username}:${password}@${host}:${port}/${database}`;
    const proof = { DB_SSL_CA: ours.ca, DB_SSL_CERT: client.cert, DB_SSL_KEY: client.key };
    const byFile = { DATABASE_URL: `${urlOf(postgres)}?sslmode=verify-full`, ...proof };
    const byText = {
      ...{ REDIS_URL: `rediss://127.0.0.1:${redis.port}`, REDIS_SSL_CA: inOneLine(ours.ca) },
      ...{ REDIS_SSL_CERT: inOneLine(client.cert), REDIS_SSL_KEY: inOneLine(client.key) },
    };
    await stage.migrate(byFile);
    const product = await stage.product('api,worker,ticker', { ...byFile, ...byText });
    const user = await Client.of(product);
    await user.complete('over TLS');
    const { status, body } = await readiness(product);
    if (status !== 200) throw new Error(`ready is ${status}: ${JSON.stringify(body)}`);
    const connections = await postgres.ask<{ ssl: boolean; client_dn: string; application_name: string }>(
      `SELECT ssl, client_dn, application_name FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = '${role}'`,
    );
    if (connections.length === 0 || connections.some((one) => !one.ssl || one.client_dn !== `/CN=${username}`))
      throw new Error(`Not all connections are encrypted: ${JSON.stringify(connections)}`);

    for (const [program, words] of [
      ['dist/commands/create-admin.js', 'is an admin now'],
      ['dist/commands/verify.js', ''],
      ['dist/commands/rotate-secrets.js', ''],
    ] as const) {
      const admin = { ADMIN_EMAIL: 'grace@example.com', ADMIN_PASSWORD: 'correct horse battery' };
      const keys = { SECRETS_KEYS: `1:${Buffer.alloc(32, 'k').toString('base64')}` };
      const { ok, output } = await runTask([process.execPath, program], { env: { ...byFile, ...admin, ...keys } });
      if (!ok || !output.includes(words)) throw new Error(`${program}: ${output}`);
    }

    const refusals: [string, Record<string, string>, RegExp][] = [
      ['a strange authority', { ...byFile, DB_SSL_CA: strange.ca }, /self-signed certificate|unable to verify/],
      ['no authority', { DATABASE_URL: byFile.DATABASE_URL }, /self-signed certificate|unable to verify/],
      [
        'another name',
        { ...byFile, DATABASE_URL: `${urlOf(wrong)}?sslmode=verify-full` },
        /does not match certificate/,
      ],
      ['no certificate', { DATABASE_URL: `${urlOf(postgres)}?sslmode=require` }, /client certificate/],
      ['no TLS', { DATABASE_URL: urlOf(postgres) }, /rejects connection/],
      ['a variable of libpq', { ...byFile, PGSSLROOTCERT: ours.ca }, /PGSSLROOTCERT .* DB_SSL_CA/],
    ];
    for (const [name, environment, expected] of refusals) {
      const words = await stage.migrate(environment).catch((error: unknown) => String(error));
      if (!expected.test(words)) throw new Error(`With ${name}: ${words}`);
    }
    // Encrypted without proof: the name does not count.
    const { DB_SSL_CERT, DB_SSL_KEY } = proof;
    await stage.migrate({ DATABASE_URL: `${urlOf(wrong)}?sslmode=require`, DB_SSL_CERT, DB_SSL_KEY });
    return `${connections.length} connections encrypted, ${refusals.length} ways refused`;
  },
};

export const unixSockets: Scenario = {
  name: 'unix-sockets',
  title: 'PostgreSQL and Redis at Unix sockets alone: jobs run',
  async run(stage) {
    const folder = join(stage.folder, 's');
    const postgres = await Postgres.start(stage, { socketFolder: folder });
    const path = join(stage.folder, 'r.sock');
    await RedisServer.start(stage, { flags: ['--unixsocket', path] });
    const { username, password, database } = Postgres.role;
    const url = `postgresql://${username}:${password}@:${postgres.port}/${database}?host=${encodeURIComponent(folder)}`;
    await stage.migrate({ DATABASE_URL: url });
    const product = await stage.product('api,worker,ticker', { DATABASE_URL: url, REDIS_HOST: path });
    const client = await Client.of(product);
    await client.complete('over sockets');
    const { status, body } = await readiness(product);
    if (status !== 200) throw new Error(`ready is ${status}: ${JSON.stringify(body)}`);
    const [connection] = await postgres.ask<{ count: string }>(
      `SELECT count(*) FROM pg_stat_activity WHERE usename = '${username}' AND client_addr IS NOT NULL`,
    );
    if (connection?.count !== '0') throw new Error('Something has come over TCP');
  },
};
