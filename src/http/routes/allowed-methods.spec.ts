import { describe, expect, it } from '@jest/globals';
import { AllowedMethods } from './allowed-methods.js';

describe('AllowedMethods', () => {
  const allowed = new AllowedMethods();
  allowed.add('/jobs', ['GET', 'HEAD']);
  allowed.add('/jobs', ['POST']);
  allowed.add('/jobs/:id', ['GET']);
  allowed.add('/jobs/:id/runs', ['GET']);
  allowed.add('/api/*', ['GET']);
  allowed.add('*', ['OPTIONS']);
  allowed.add('/a.b', ['GET']);

  it.each([
    ['/jobs', ['GET', 'HEAD', 'POST']],
    ['/jobs/42', ['GET']],
    ['/jobs/42/runs', ['GET']],
    ['/api/swagger-ui.css', ['GET']],
    ['/jobs/', []],
    ['/jobs/42/nope', []],
    ['/axb', []],
    ['/nope', []],
  ])('knows what %s takes', (path, methods) => {
    expect(allowed.of(path)).toEqual(methods);
  });
});
