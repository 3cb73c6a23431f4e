import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, levelsUpTo } from './logger.js';
import { inRequest } from './request-context.js';

function written(work: () => void): string {
  const lines: string[] = [];
  const keep = (text: unknown) => Boolean(lines.push(String(text)));
  jest.spyOn(process.stdout, 'write').mockImplementation(keep);
  jest.spyOn(process.stderr, 'write').mockImplementation(keep);
  work();
  jest.restoreAllMocks();
  return lines.join('');
}

afterEach(() => void jest.restoreAllMocks());

describe('Logger', () => {
  const json = new Logger({ format: 'json', level: 'info' });
  const text = new Logger({ format: 'text', level: 'debug' });

  it('writes one JSON object a line, with the id of the request', () => {
    const line = written(() => inRequest('r-1', () => json.log('Done\nagain', { status: 200 }, 'Access')));
    expect(line.trimEnd()).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({
      level: 'log',
      message: 'Done\nagain',
      context: 'Access',
      status: 200,
      requestId: 'r-1',
    });
  });

  it('has no request id outside of a request', () => {
    expect(JSON.parse(written(() => json.warn('Late', 'Ticker')))).not.toHaveProperty('requestId');
  });

  it('writes text with level, context and request for people', () => {
    const line = written(() => inRequest('r-2', () => text.warn('Late', 'Ticker')));
    expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z +WARN \[Ticker r-2\] Late\n$/);
  });

  it('leaves out what is below its level, and what Nest tells of every module', () => {
    expect(written(() => json.debug('detail', 'X'))).toBe('');
    expect(written(() => json.log('dependencies initialized', 'InstanceLoader'))).toBe('');
  });

  it.each([
    ['error', ['fatal', 'error']],
    ['warn', ['fatal', 'error', 'warn']],
    ['info', ['fatal', 'error', 'warn', 'log']],
    ['debug', ['fatal', 'error', 'warn', 'log', 'debug', 'verbose']],
  ] as const)('lets %s and graver through', (level, levels) => {
    expect(levelsUpTo(level)).toEqual(levels);
  });
});
