// ES modules that Fastify's CommonJS packages require. Node.js allows that; Jest needs them transformed.
const requiredModules = '(content-disposition|cookie)/';

const transform = {
  [`node_modules/${requiredModules}.+\\.js$`]: ['@swc/jest', { swcrc: false }],
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        target: 'es2022',
        keepClassNames: true,
      },
      module: { type: 'es6' },
    },
  ],
};

const common = {
  roots: ['<rootDir>/src', '<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform,
  transformIgnorePatterns: [`node_modules/(?!${requiredModules})`],
  testEnvironment: 'node',
};

// A project's own testTimeout has no effect in Jest 30.
const patient = { ...common, setupFilesAfterEnv: ['<rootDir>/test/support/patience.ts'] };

/** Three tiers: pure (no server), integration (real PostgreSQL and Redis), e2e (the whole program over HTTP). */
export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/unit/**/*.spec.ts'] },
    { ...patient, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.spec.ts'] },
    { ...patient, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'] },
  ],
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts', '!src/main.ts'],
};
