import { isatty } from 'node:tty';
import { ConsoleLogger } from '@nestjs/common';
import type { LogLevel } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { SystemClock } from '../../kernel/clock.js';
import type { JsonValue } from '../../kernel/json.js';
import { currentRedaction } from './redaction.js';
import { currentRequestId } from './request-context.js';

const severities: readonly [Config['log']['level'], LogLevel[]][] = [
  ['error', ['fatal', 'error']],
  ['warn', ['warn']],
  ['info', ['log']],
  ['debug', ['debug', 'verbose']],
];

/** Parts of Nest that list every module and route at boot. */
const chatty = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

/** Levels of Nest's logger that a configured level lets through: itself and all that is graver. */
export function levelsUpTo(level: Config['log']['level']): LogLevel[] {
  const last = severities.findIndex(([name]) => name === level);
  return severities.slice(0, last + 1).flatMap(([, levels]) => levels);
}

/**
 * The process's log on stdout, errors on stderr: one JSON object a line, or readable text. A line written while a request
 * is served carries its `requestId`; one that an attempt writes is without the secrets that the attempt was given.
 */
export class Logger extends ConsoleLogger {
  private readonly clock = new SystemClock();

  constructor(log: Config['log']) {
    super({
      json: log.format === 'json',
      logLevels: levelsUpTo(log.level),
      colors: log.format === 'text' && isatty(process.stdout.fd),
      compact: true,
      flattenParams: true,
    });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && chatty.has(context)) super.debug(message, ...rest);
    else super.log(message, ...rest);
  }

  protected override getTimestamp(): string {
    return this.clock.now().toISOString();
  }

  protected override formatPid(): string {
    return '';
  }

  protected override getJsonLogObject(...args: Parameters<ConsoleLogger['getJsonLogObject']>) {
    const requestId = currentRequestId();
    return { ...super.getJsonLogObject(...args), ...(requestId && { requestId }) };
  }

  protected override stringifyJsonLogObject(logObject: Record<string, unknown>): string {
    const line = super.stringifyJsonLogObject(logObject);
    const redaction = currentRedaction();
    return redaction ? JSON.stringify(redaction.json(JSON.parse(line) as JsonValue)) : line;
  }

  protected override formatMessage(...args: Parameters<ConsoleLogger['formatMessage']>): string {
    const line = super.formatMessage(...args);
    return currentRedaction()?.text(line) ?? line;
  }

  protected override printStackTrace(stack: string): void {
    super.printStackTrace(currentRedaction()?.text(stack) ?? stack);
  }

  protected override formatContext(context: string): string {
    const requestId = currentRequestId();
    return super.formatContext(requestId ? `${context} ${requestId}` : context);
  }
}
