import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What a rule of style.md or design.md forbids, with the place where it is allowed instead. */
const clockReads = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Time is an argument, or comes from IClock: only src/kernel/clock.ts reads the clock.',
  },
  {
    selector: "CallExpression[callee.name='Date']",
    message: 'Time is an argument, or comes from IClock: only src/kernel/clock.ts reads the clock.',
  },
];
const clockProperties = [
  { object: 'Date', property: 'now', message: 'Inject IClock: only src/kernel/clock.ts reads the clock.' },
  { object: 'performance', property: 'now', message: 'Inject IClock: only src/kernel/clock.ts reads the clock.' },
];
const environment = {
  object: 'process',
  property: 'env',
  message: 'Inject Config: only src/config reads the environment.',
};

const nodeGlobals = Object.fromEntries(
  [
    'AbortController',
    'AbortSignal',
    'Buffer',
    'URL',
    'clearInterval',
    'clearTimeout',
    'console',
    'fetch',
    'performance',
    'process',
    'setImmediate',
    'setInterval',
    'setTimeout',
  ].map((name) => [name, 'readonly']),
);

export default defineConfig(
  globalIgnores(['dist', 'coverage', '.data', 'dashboard', 'test/cases']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-restricted-properties': ['error', environment, ...clockProperties],
      'no-restricted-syntax': ['error', ...clockReads],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],

      // An interface and its injection token share one exported name, as do a namespace of types and its values.
      'no-redeclare': 'off',
      // `noUncheckedIndexedAccess` doubts what a regular expression or a length has just proven; `!` says so.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // DTOs are shapes: what matters of them is what is in them.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Records keyed by field names are what changes and documents are made of.
      '@typescript-eslint/no-dynamic-delete': 'off',
      // Numbers and dates read well in a sentence; objects do not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Nest's modules are classes whose decorator says everything.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // `async` without `await` keeps the promise of a port whose other implementation waits.
      '@typescript-eslint/require-await': 'off',
      // `void promise` and `() => void promise` say that nobody waits, on purpose.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // `Promise<Record | void>`: a check that has nothing to say returns nothing.
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    files: ['src/config/**'],
    rules: { 'no-restricted-properties': ['error', ...clockProperties] },
  },
  {
    files: ['src/kernel/clock.ts'],
    rules: { 'no-restricted-properties': ['error', environment], 'no-restricted-syntax': 'off' },
  },
  {
    // What comes from libraries, Redis or handlers is typed by a claim: looking twice is right there.
    files: ['src/{,runs/}*/{adapters,processors}/**'],
    rules: {
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
    },
  },
  {
    files: ['src/{,runs/}*/services/**'],
    ignores: ['**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@nestjs/common',
              allowImportNames: ['Inject', 'Injectable', 'Logger'],
              message: 'A use case does not know HTTP or modules: throw a DomainError, put the rest into the ways in.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**', '**/*.spec.ts'],
    rules: {
      'no-restricted-properties': 'off',
      'no-restricted-syntax': 'off',
      // Answers of servers under test are unknown by nature: the assertions are what types them.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { ...nodeGlobals, module: 'writable' } },
  },
);
