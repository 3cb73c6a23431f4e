import type { EnvironmentReader } from './environment-reader.js';
import { readSsl } from './ssl-settings.js';
import type { SslSettings } from './ssl-settings.js';

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
  const host = read.text('REDIS_HOST', url?.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1');
  const settings = {
    /** Name, address, or the path of a Unix socket. */
    host,
    port: read.integer('REDIS_PORT', Number(url?.port) || defaultPort, { min: 1, max: 65_535 }),
    username: read.optionalText('REDIS_USERNAME') ?? partOf(url?.username),
    password: read.optionalText('REDIS_PASSWORD') ?? partOf(url?.password),
    /** `rediss://` in `REDIS_URL` and `REDIS_TLS=true` mean `verify-full`. */
    ssl: readEncryption(read, url, host),
    /** Number of the logical database; the path of `REDIS_URL` means the same. */
    db: read.integer('REDIS_DB', databaseOf(url), { min: 0, max: 65_535 }),
    /** Sentinels that know the master called `sentinelName`; none by default. */
    sentinels: readNodes(read, 'REDIS_SENTINELS', defaultSentinelPort),
    sentinelName: read.text('REDIS_SENTINEL_NAME', 'mymaster'),
    /** Of the Sentinels themselves, which know no password of Redis. */
    sentinelUsername: read.optionalText('REDIS_SENTINEL_USERNAME'),
    sentinelPassword: read.optionalText('REDIS_SENTINEL_PASSWORD'),
    /** Nodes of a Redis Cluster to begin with; none by default. */
    cluster: readNodes(read, 'REDIS_CLUSTER', defaultPort),
    /** Prefix of every key, in braces so that all keys of the queue share one Redis Cluster slot. */
    prefix: read.text('REDIS_PREFIX', '{punctual}'),
  };
  if (settings.sentinels.length > 0 && settings.cluster.length > 0)
    read.refuse('REDIS_SENTINELS and REDIS_CLUSTER are both set; set one of them.');
  refuseUnused(read, url, settings);
  if (settings.cluster.length > 0 && settings.db > 0)
    read.refuse(`REDIS_DB is "${settings.db}"; a Redis Cluster has database 0 alone.`);
  if (settings.cluster.length > 0 && !/^\{[^}]+\}/.test(settings.prefix))
    read.refuse(
      `REDIS_PREFIX is "${settings.prefix}"; for REDIS_CLUSTER it must begin with braces, such as {punctual}.`,
    );
  return settings;
}

export type RedisSettings = ReturnType<typeof readRedis>;

/** An address beside the names of others, and what only Sentinels take where there are none. */
function refuseUnused(
  read: EnvironmentReader,
  url: URL | undefined,
  { sentinels, cluster }: { sentinels: unknown[]; cluster: unknown[] },
): void {
  const instead = sentinels.length > 0 ? 'REDIS_SENTINELS' : cluster.length > 0 ? 'REDIS_CLUSTER' : undefined;
  if (instead)
    for (const name of ['REDIS_HOST', 'REDIS_PORT', ...(url?.hostname ? ['REDIS_URL'] : [])])
      if (read.has(name)) read.refuse(`${name} would be ignored beside ${instead}: set one of them.`);
  if (sentinels.length === 0)
    for (const name of ['REDIS_SENTINEL_NAME', 'REDIS_SENTINEL_USERNAME', 'REDIS_SENTINEL_PASSWORD'])
      if (read.has(name)) read.refuse(`${name} would be ignored: REDIS_SENTINELS is not set.`);
}

/** One server's encryption has three names; they must agree. */
function readEncryption(read: EnvironmentReader, url: URL | undefined, host: string): SslSettings {
  const isEncrypted = read.boolean('REDIS_TLS', url?.protocol === 'rediss:');
  const ssl = readSsl(read, 'REDIS', isEncrypted ? 'verify-full' : 'disable', host);
  const said = [
    ...(read.has('REDIS_TLS') ? [`REDIS_TLS=${isEncrypted}`] : []),
    ...(url?.protocol === 'rediss:' && !read.has('REDIS_TLS') ? ['rediss:// in REDIS_URL'] : []),
  ];
  if (read.has('REDIS_SSL') && said.length > 0 && (ssl.mode !== 'disable') !== isEncrypted)
    read.refuse(`REDIS_SSL is ${ssl.mode}, which ${said.join()} contradicts: leave one of them out.`);
  return ssl;
}

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
