import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createConnection } from 'node:net';
import { readPidFile, writePidFile } from '../../scripts/local/pid-file.mjs';
import { startPostgres } from '../../scripts/local/postgres.mjs';
import { stopProcess } from '../../scripts/local/processes.mjs';
import { startRedis } from '../../scripts/local/redis.mjs';
import { cpuSeconds } from './cpu.mjs';

/**
 * The servers of one run of the bench, on folders of their own beneath `.data`: a folder for temporary files may lie in memory,
 * where fsync costs nothing.
 */
export class Stage {
  /** @type {import('../subject.d.ts').Services | undefined} */
  #services;
  #number = 0;

  /**
   * @param {string} folder
   * @param {import('../../scripts/local/postgres.mjs').PostgresServer} postgres
   * @param {import('../../scripts/local/redis.mjs').RedisServer} redis
   * @param {pg.Client} client
   */
  constructor(folder, postgres, redis, client) {
    this.folder = folder;
    this.postgres = postgres;
    this.redis = redis;
    this.client = client;
  }

  /** @param {string} parent folder */
  static async open(parent) {
    mkdirSync(parent, { recursive: true, mode: 0o711 });
    await clearLeftOvers(parent);
    const folder = mkdtempSync(join(parent, 'servers-'));
    writePidFile(join(folder, 'bench.pid.json'), process.pid);
    const postgres = await startPostgres({ directory: join(folder, 'postgres'), maxConnections: 200 });
    writePidFile(join(folder, 'postgres.pid.json'), postgres.pid);
    const redis = await startRedis({ directory: folder }); // which notes its own
    const client = new pg.Client({ ...postgres, user: postgres.username, database: 'postgres' });
    client.on('error', () => {}); // the query under way reports it
    await client.connect();
    return new Stage(folder, postgres, redis, client);
  }

  /** @returns {Promise<string>} the servers' versions */
  async versions() {
    const { rows } = await this.client.query('SHOW server_version');
    const redis = /redis_version:(\S+)/.exec(await this.#redis('INFO server'))?.[1] ?? '?';
    return `PostgreSQL ${rows[0].server_version}, Redis ${redis}`;
  }

  /**
   * Clears away what the measurement before left, and lets PostgreSQL write out what it has to, so that it does not do so in the
   * next one.
   *
   * @returns {Promise<import('../subject.d.ts').Services>}
   */
  async fresh() {
    await this.#dropDatabase();
    await this.#redis('FLUSHALL');
    const { host, port, username: user, password } = this.postgres;
    const database = `bench_${(this.#number += 1)}`;
    await this.client.query(`CREATE DATABASE ${database}`);
    await this.client.query('CHECKPOINT');
    const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
    const redisUrl = `redis://${this.redis.host}:${this.redis.port}`;
    this.#services = {
      postgres: { host, port, user, password, database, url },
      redis: { host: this.redis.host, port: this.redis.port, url: redisUrl },
    };
    return this.#services;
  }

  /** @returns {Promise<number>} bytes of write-ahead log so far */
  async walBytes() {
    const { rows } = await this.client.query(`SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS bytes`);
    return Number(rows[0].bytes);
  }

  /** @returns {number | undefined} CPU time of both servers so far, seconds */
  cpuSeconds() {
    return cpuSeconds([this.postgres.pid, this.redis.pid]);
  }

  async close() {
    await this.client.end();
    await this.redis.stop();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #dropDatabase() {
    if (this.#services) await this.client.query(`DROP DATABASE ${this.#services.postgres.database} WITH (FORCE)`);
    this.#services = undefined;
  }

  /**
   * @param {string} command without arguments that need quoting
   * @returns {Promise<string>} the answer as Redis wrote it, up to its first pause
   */
  #redis(command) {
    return new Promise((resolve, reject) => {
      const socket = createConnection(this.redis.port, this.redis.host, () => socket.write(`${command}\r\n`));
      socket.once('data', (chunk) => {
        socket.destroy();
        const answer = String(chunk);
        if (answer.startsWith('-')) reject(new Error(`Redis refuses ${command}: ${answer}`));
        else resolve(answer);
      });
      socket.once('error', reject);
    });
  }
}

/**
 * Stops the servers of a bench that was killed, and takes its folder away.
 *
 * @param {string} parent
 */
async function clearLeftOvers(parent) {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith('servers-'))) {
    const folder = join(parent, name);
    const left = (/** @type {string} */ what) => readPidFile(join(folder, `${what}.pid.json`));
    if (left('bench')) continue; // it is at work
    await stopProcess(left('redis'), 'SIGTERM');
    await stopProcess(left('postgres'), 'SIGINT');
    rmSync(folder, { recursive: true, force: true });
  }
}
