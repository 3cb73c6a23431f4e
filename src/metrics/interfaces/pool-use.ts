/** How this process's pool of connections to PostgreSQL is used. */
export interface PoolUse {
  /** Connections at most. */
  size: number;
  /** Connections that somebody holds. */
  used: number;
  /** Those who wait for one. */
  waiting: number;
}

export interface IPoolUse {
  /** Of this moment. */
  read(): PoolUse;
}
export const IPoolUse = Symbol('IPoolUse');
