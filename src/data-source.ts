import { DataSource } from 'typeorm';
import type { Config } from './config/config.js';
import { dataSourceOptions } from './database/data-source-options.js';
import { entities } from './entities.js';

export const newDataSource = (config: Config): DataSource => new DataSource(dataSourceOptions(config, entities));

/** For commands such as migrations and checks, whose statements may take as long as they need. */
export const unhurriedDataSource = (config: Config): DataSource =>
  new DataSource(dataSourceOptions(config, entities, config.database.poolSize, true));
