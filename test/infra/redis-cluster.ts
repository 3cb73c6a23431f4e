import { runTask } from '../../scripts/local/processes.mjs';
import { eventually } from '../support/eventually.js';
import { RedisServer } from './redis.js';
import type { Stage } from './stage.js';

const masters = 3;

/** Three masters, each with a replica. */
export class RedisCluster {
  private constructor(private readonly nodes: RedisServer[]) {}

  static async start(stage: Stage): Promise<RedisCluster> {
    const nodes: RedisServer[] = [];
    for (let place = 1; place <= 2 * masters; place += 1)
      nodes.push(
        await RedisServer.start(stage, {
          name: `node-${place}`,
          flags: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'],
        }),
      );
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const line = ['redis-cli', '--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'];
    const { ok, output } = await runTask(line);
    if (!ok) throw new Error(`The Cluster is not made: ${output}`);
    const cluster = new RedisCluster(nodes);
    await cluster.isWhole();
    return cluster;
  }

  get environment(): Record<string, string> {
    return { REDIS_CLUSTER: this.nodes.map(({ port }) => `127.0.0.1:${port}`).join() };
  }

  /** Waits until every node that lives says so. */
  async isWhole(): Promise<void> {
    await eventually(
      () => Promise.all(this.living().map(async (node) => String(await node.ask('CLUSTER', 'INFO')))),
      (said) => said.every((text) => text.includes('cluster_state:ok')),
      { withinMs: 30_000, everyMs: 100 },
    );
  }

  /**
   * Moves the slot of the key's tag to another master, as `redis-cli --cluster reshard` does.
   *
   * @param between while both nodes have keys of it
   */
  async moveSlot(key: string, between: Promise<unknown>): Promise<void> {
    const slot = Number(await this.living()[0]!.ask('CLUSTER', 'KEYSLOT', key));
    const from = await this.owner(slot);
    const to = (await this.masters()).find(({ port }) => port !== from.port)!;
    const [fromId, toId] = [String(await from.ask('CLUSTER', 'MYID')), String(await to.ask('CLUSTER', 'MYID'))];
    await to.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
    await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
    const some = (await from.ask('CLUSTER', 'GETKEYSINSLOT', slot, 3)) as string[];
    if (some.length > 0) await from.ask('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...some);
    await between;
    for (;;) {
      const keys = (await from.ask('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[];
      if (keys.length === 0) break;
      await from.ask('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'REPLACE', 'KEYS', ...keys);
    }
    for (const node of [to, from, ...(await this.masters())]) await node.ask('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
  }

  /** Ends the master that owns the key's slot, and waits for another one. */
  async killOwner(key: string): Promise<void> {
    const slot = Number(await this.living()[0]!.ask('CLUSTER', 'KEYSLOT', key));
    const owner = await this.owner(slot);
    await owner.server.stop('SIGKILL');
    this.dead.add(owner);
    await eventually(
      () => this.owner(slot).catch(() => owner),
      (now) => now !== owner,
      { withinMs: 30_000, everyMs: 100 },
    );
  }

  private readonly dead = new Set<RedisServer>();

  private living(): RedisServer[] {
    return this.nodes.filter((node) => !this.dead.has(node));
  }

  private async masters(): Promise<RedisServer[]> {
    const roles = await Promise.all(this.living().map(async (node) => String(await node.ask('ROLE'))));
    return this.living().filter((_, place) => roles[place]?.startsWith('master'));
  }

  private async owner(slot: number): Promise<RedisServer> {
    const ranges = (await this.living()[0]!.ask('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
    const range = ranges.find(([first, last]) => slot >= first && slot <= last);
    const owner = this.living().find(({ port }) => port === range?.[2][1]);
    if (!owner) throw new Error(`Nobody owns slot ${slot}`);
    return owner;
  }
}
