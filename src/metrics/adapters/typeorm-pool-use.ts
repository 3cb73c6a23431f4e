import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { poolOf } from '../../database/pool.js';
import type { IPoolUse, PoolUse } from '../interfaces/pool-use.js';

@Injectable()
export class TypeormPoolUse implements IPoolUse {
  constructor(private readonly dataSource: DataSource) {}

  read(): PoolUse {
    const { options, totalCount, idleCount, waitingCount } = poolOf(this.dataSource);
    return { size: options.max, used: totalCount - idleCount, waiting: waitingCount };
  }
}
