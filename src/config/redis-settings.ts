import type { EnvironmentReader } from './environment-reader.js';

/** One Redis server. */
export interface RedisNode {
  host: string;
  port: number;
}

const defaultPort = 6379;
const defaultSentinelPort = 26_379;

/** Where Redis is: one server, a master that Sentinels name, or a cluster. `REDIS_URL` fills in what is not set apart. */
export function readRedis(read: EnvironmentReader) {
  const url = readUrl(read);
  const settings = {
    host: read.text('REDIS_HOST', url?.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1'),
    port: read.integer('REDIS_PORT', Number(url?.port) || defaultPort, { min: 1, max: 65_535 }),
    username: read.optionalText('REDIS_USERNAME') ?? partOf(url?.username),
    password: read.optionalText('REDIS_PASSWORD') ?? partOf(url?.password),
    /** Encrypted connections; `rediss://` in `REDIS_URL` means the same. */
    tls: read.boolean('REDIS_TLS', url?.protocol === 'rediss:'),
    /** Number of the logical database; the path of `REDIS_URL` means the same. */
    db: read.integer('REDIS_DB', databaseOf(url), { min: 0, max: 65_535 }),
    /** Sentinels that know the master called `sentinelName`; none by default. */
    sentinels: readNodes(read, 'REDIS_SENTINELS', defaultSentinelPort),
    sentinelName: read.text('REDIS_SENTINEL_NAME', 'mymaster'),
    /** Nodes of a Redis Cluster to begin with; none by default. */
    cluster: readNodes(read, 'REDIS_CLUSTER', defaultPort),
    /** Prefix of every key, in braces so that all keys of the queue share one Redis Cluster slot. */
    prefix: read.text('REDIS_PREFIX', '{punctual}'),
  };
  if (settings.sentinels.length > 0 && settings.cluster.length > 0)
    read.refuse('REDIS_SENTINELS and REDIS_CLUSTER are both set; set one of them.');
  if (settings.cluster.length > 0 && settings.db > 0)
    read.refuse(`REDIS_DB is "${settings.db}"; a Redis Cluster has database 0 alone.`);
  if (settings.cluster.length > 0 && !/^\{[^}]+\}/.test(settings.prefix))
    read.refuse(
      `REDIS_PREFIX is "${settings.prefix}"; for REDIS_CLUSTER it must begin with braces, such as {punctual}.`,
    );
  return settings;
}

export type RedisSettings = ReturnType<typeof readRedis>;

function readUrl(read: EnvironmentReader): URL | undefined {
  const text = read.optionalText('REDIS_URL');
  if (text === undefined) return undefined;
  if (URL.canParse(text)) {
    const url = new URL(text);
    const known = url.protocol === 'redis:' || url.protocol === 'rediss:';
    if (known && /^(\/\d{0,5})?$/.test(url.pathname) && !url.search && !url.hash) return url;
  }
  // The text may hold a password: it is not repeated.
  read.refuse(
    'REDIS_URL must look like redis://user:password@host:6379/0, or rediss:// for TLS, with nothing behind the number of the database.',
  );
  return undefined;
}

const databaseOf = (url: URL | undefined): number => Number(url?.pathname.slice(1) ?? 0);

const partOf = (part: string | undefined): string | undefined => (part ? decodeURIComponent(part) : undefined);

function readNodes(read: EnvironmentReader, name: string, port: number): RedisNode[] {
  const text = read.optionalText(name);
  if (text === undefined) return [];
  return text.split(',').flatMap((part) => {
    const match = /^([^\s:]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?$/i.exec(part.trim());
    if (match?.[1]) return [{ host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2] ?? port) }];
    read.refuse(`${name} holds "${part.trim()}"; it must be a comma-separated list of host:port.`);
    return [];
  });
}
