/** Rows of the file whose proof stands in another suite: the file, and the words of its title. */
export const elsewhere: Readonly<Record<string, readonly [file: string, title: string]>> = {
  A33: ['test/e2e/rate-limits.spec.ts', 'A33'],
  C17: ['test/e2e/rate-limits.spec.ts', 'C17'],
  G06: ['test/e2e/rate-limits.spec.ts', 'G06'],
  A26: ['test/e2e/http-limits.spec.ts', 'A26'],
  C16: ['test/e2e/hostile-logins.spec.ts', 'C16'],
  C18: ['test/e2e/hostile-logins.spec.ts', 'C18'],
  H09: ['test/e2e/quotas.spec.ts', 'H09'],
  C09: ['test/e2e/accounts.spec.ts', 'changes roles and disables, and the tokens from before stop working everywhere'],
  C10: ['test/e2e/accounts.spec.ts', 'ends everywhere within seconds after a logout, with its refresh token'],
  C12: ['test/e2e/accounts.spec.ts', 'is refreshed once for twenty who ask at once, and only one successor lives'],
  D14: ['test/e2e/accounts.spec.ts', 'keeps one admin, however many step down at once'],
  E20: ['test/e2e/hostile-targets.spec.ts', 'one look-up decides and is what is connected to'],
  E21: ['test/e2e/hostile-targets.spec.ts', 'is left before a byte'],
  E22: ['test/e2e/hostile-targets.spec.ts', 'is not followed'],
  E24: ['test/integration/handlers/http-faults.spec.ts', 'in full is left at the time limit, however slowly it drips'],
  E25: ['test/integration/handlers/http-handler.spec.ts', 'is cut after unpacking'],
  E28: ['test/integration/handlers/http-handler.spec.ts', 'reads no proxy settings'],
  E29: ['test/e2e/hostile-tls.spec.ts', 'E29'],
  E30: ['test/integration/handlers/http-handler.spec.ts', 'is cut at the limit when it never ends'],
  K02: ['test/e2e/secret-keys.spec.ts', '(K02)'],
  K04: ['test/e2e/secrets.spec.ts', '(K04)'],
  G09: ['test/e2e/hostile-handlers.spec.ts', 'G09'],
  G10: ['test/e2e/hostile-handlers.spec.ts', 'G10'],
};

/** Rows of the file that speak of what does not exist yet. */
export const pending: Readonly<Record<string, string>> = {
  B12: 'no bulk call takes ids',
  C14: 'there is no cookie session',
  D08: 'executions cannot be written',
  D09: 'there are no webhooks',
  D13: 'there are no streams',
  D16: 'runs cannot be retried by hand',
  D17: 'there are no signed links',
  E32: 'there are no webhooks',
  G12: 'there are no workflows',
  G14: 'queues cannot be paused; jobs are paused in PostgreSQL',
};

/** Sections of features that do not exist yet. */
export const pendingSections: Readonly<Record<string, string>> = {
  I: 'there are no webhooks',
  J: 'there is no dashboard',
};
