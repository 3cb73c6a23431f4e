/**
 * Which way imports may point (docs/decisions/0002-direction-rules.md). A folder name keeps no boundary; this does.
 *
 * What belongs to the place and not to an import is ESLint's: `process.env` only in src/config, the clock only in
 * src/kernel/clock.ts, and which names services take from Nest.
 */

/** Features, from the ground up; those of one row do not know each other. */
const rows = [
  ['kernel'],
  ['config', 'schedules'],
  ['http', 'database', 'queue'],
  ['limits'],
  ['audit'],
  ['users'],
  ['auth'],
  ['quotas'],
  ['secrets'],
  ['idempotency'],
  ['calendars'],
  ['jobs'],
  ['runs'],
  ['statistics'],
  ['handlers'],
  ['notifications'],
  ['retention'],
  ['metrics'],
];
const features = rows.flat();
/** Ground that every feature stands on; the others meet each other at their inner folders only. */
const ground = ['kernel', 'config', 'schedules', 'http', 'database', 'queue'];

const grown = features.filter((name) => !ground.includes(name));

const anyOf = (names) => `(${names.join('|')})`;
const spec = '\\.spec\\.ts$';

/** Files that put the program together and therefore see all of it. */
const composition = ['^src/(main|program|entities|data-source|app\\.module)\\.ts$', '^src/commands/'];

/** Libraries without input, output or state, which rules may use. */
const pureLibraries = '^node_modules/(ipaddr\\.js|uuid|class-validator|nodemailer/lib/addressparser)';
/** Parts of Node.js that compute and do nothing else. */
const pureNode = '^(node:)?(crypto|net|util|http)$';

/** Stages inside `runs`, from the ground up: what is done with runs. Those of one row do not know each other. */
const stageRows = [['history', 'dispatch'], ['planning', 'execution', 'backfills', 'ledger'], ['recovery']];
const stages = stageRows.flat();

const stageOrder = stageRows.flatMap((row, index) =>
  row.map((stage) => {
    const later = [...row.filter((other) => other !== stage), ...stageRows.slice(index + 1).flat()];
    return {
      name: `stage-${stage}`,
      comment: `A stage knows what a run is, and the stages of the rows before its own (${stageRows.map((names) => names.join(', ')).join(' < ')}).`,
      severity: 'error',
      from: { path: `^src/runs/${stage}/`, pathNot: spec },
      to: {
        path: [`^src/runs/(engine|runs\\.module)\\.ts$`, ...later.map((other) => `^src/runs/${other}/`)],
      },
    };
  }),
);

const follow = rows
  .flatMap((row, index) =>
    row.map((feature) => {
      const later = [...row.filter((other) => other !== feature), ...rows.slice(index + 1).flat()];
      return {
        name: `order-${feature}`,
        comment: `Features know those before them only (${rows.map((names) => names.join(', ')).join(' < ')}): what ${feature} needs of a later one is a port that it declares and the later one implements.`,
        severity: 'error',
        from: { path: `^src/${feature}/`, pathNot: composition },
        to: { path: `^src/(${anyOf(later)}/|[^/]+\\.ts$)` },
      };
    }),
  )
  .filter(({ to }) => to.path !== '^src/(()/|[^/]+\\.ts$)');

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment:
        'Two files that need each other are one file, or lack a third that both need. Types count too: a cycle of types is a cycle of thought.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      comment: 'A file that nothing imports and that imports nothing is forgotten.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          spec,
          '\\.d\\.ts$',
          '^test/support/patience\\.ts$',
          '^test/(faults|support/(hostile|threads))/handlers\\.mjs$',
        ],
      },
      to: {},
    },
    {
      name: 'no-unresolvable',
      comment:
        'An import that does not resolve fails only when it is reached. What tests take from dist is there once it is built.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '(^|/)dist/' },
    },
    {
      name: 'declared-dependencies',
      comment:
        'A package that is there only because another brought it disappears with that other, or changes its version.',
      severity: 'error',
      from: { path: '^src/', pathNot: spec },
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'undetermined'],
        // Must be the very version that @nestjs/platform-fastify and Bull bring: a second copy would be another class.
        pathNot: '^node_modules/(fastify|ioredis)/',
      },
    },
    {
      name: 'source-without-tests',
      comment: 'What runs in production must not need what is there for tests.',
      severity: 'error',
      from: { path: '^src/', pathNot: spec },
      to: { path: ['^test/', spec] },
    },
    ...follow,
    ...stageOrder,
    {
      name: 'runs-know-no-stage',
      comment: 'What a run is does not depend on what is done with it.',
      severity: 'error',
      from: {
        path: '^src/runs/([^/]+/|run-records\\.module\\.ts$)',
        pathNot: [spec, `^src/runs/${anyOf(stages)}/`],
      },
      to: { path: `^src/runs/${anyOf(stages)}/` },
    },
    {
      name: 'stages-meet-inside',
      comment:
        'Another stage is used by its domain, its ports, its services or its module; of its tables only fragments of SQL.',
      severity: 'error',
      from: { path: `^src/runs/${anyOf(stages)}/`, pathNot: spec },
      to: {
        path: `^src/runs/(?!$1/)${anyOf(stages)}/`,
        pathNot: ['^src/runs/[^/]+/(domain|interfaces|services)/', '-sql\\.ts$', '\\.module\\.ts$'],
      },
    },
    {
      name: 'commands-are-leaves',
      comment: 'A command is started, never imported.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/commands/' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'clients-are-outside',
      comment: 'The page and the packages are clients of the API: they know what it answers, not how.',
      severity: 'error',
      from: { path: '^(packages|dashboard)/' },
      to: { path: '^src/' },
    },
    {
      name: 'kernel-alone',
      comment: 'The kernel is what all share: whatever it imported, all would import.',
      severity: 'error',
      from: { path: '^src/kernel/', pathNot: [spec, '\\.module\\.ts$'] },
      to: { path: ['^src/(?!kernel/)', '^node_modules/(?!(uuid|@nestjs/common)/)'] },
    },
    {
      name: 'domain-is-pure',
      comment:
        'Rules are read, tested and trusted on their own: they see rules, the kernel and a named list of pure libraries, and nothing that reads, writes or waits.',
      severity: 'error',
      from: { path: '^src/(?:runs/)?[^/]+/domain/', pathNot: spec },
      to: {
        pathNot: ['^src/(?:runs/)?[^/]+/domain/', '^src/kernel/(?!.*\\.module)', pureLibraries, pureNode],
      },
    },
    {
      name: 'interfaces-speak-domain',
      comment: 'A port that mentions a library or an entity ties every implementation, the in-memory one too, to it.',
      severity: 'error',
      from: { path: '^src/(?:runs/)?[^/]+/interfaces/' },
      to: { pathNot: ['^src/(?:runs/)?[^/]+/(domain|interfaces)/', '^src/kernel/(?!.*\\.module)'] },
    },
    {
      name: 'services-see-ports',
      comment:
        'Use cases run in a test without a server because they see ports, domain, kernel and configuration, and from Nest only what ESLint names.',
      severity: 'error',
      from: { path: '^src/(?:runs/)?[^/]+/services/', pathNot: spec },
      to: {
        pathNot: [
          '^src/(?:runs/)?[^/]+/(domain|interfaces|services)/',
          '^src/kernel/(?!.*\\.module)',
          '^src/config/config\\.ts$',
          '^node_modules/(@nestjs/common|tslib)/',
          pureLibraries,
          '^(node:)?(crypto|timers/promises)$',
        ],
      },
    },
    {
      name: 'passwords-are-compared-in-one-place',
      comment:
        'What hashes is asked by the one service that counts guesses: a use case that asks it itself lets people guess without end.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [spec, '^src/auth/(adapters|auth\\.module)', '^src/auth/services/passwords\\.ts$'],
      },
      to: { path: '^src/auth/interfaces/password-hasher\\.ts$' },
    },
    {
      name: 'ways-in-through-services',
      comment:
        'A controller that reads a table has skipped the rules of the use case: who may, when, and what else must happen.',
      severity: 'error',
      from: { path: '^src/(?:runs/)?[^/]+/(controllers|dto|processors)/', pathNot: spec },
      to: { path: '^src/(?:runs/)?[^/]+/(repositories|entities|adapters|interfaces)/', pathNot: '^src/kernel/' },
    },
    {
      name: 'ways-out-never-call-in',
      comment: 'Adapters and repositories are called; one that calls a use case turns the building round.',
      severity: 'error',
      from: { path: '^src/(?:runs/)?[^/]+/(repositories|entities|adapters|builtin)/', pathNot: spec },
      to: { path: '^src/(?:runs/)?[^/]+/(services|controllers|processors|guards)/' },
    },
    {
      name: 'features-meet-inside',
      comment:
        'Another feature is used by its domain, its ports, its services or its module; its tables and adapters are its own.',
      severity: 'error',
      from: {
        path: `^src/${anyOf(grown)}/`,
        pathNot: [spec, '/(controllers|dto)/', ...composition],
      },
      to: {
        path: `^src/(?!$1/)${anyOf(grown)}/`,
        pathNot: '^src/(?:runs/)?[^/]+/((domain|interfaces|services)/|[^/]+\\.module\\.ts$)',
      },
    },
    {
      name: 'bodies-meet-bodies',
      comment: 'Ways in may also share the bodies of an earlier feature, so that one field is described once.',
      severity: 'error',
      from: { path: `^src/${anyOf(grown)}/(controllers|dto)/`, pathNot: spec },
      to: {
        path: `^src/(?!$1/)${anyOf(grown)}/`,
        pathNot: '^src/(?:runs/)?[^/]+/(domain|services|dto)/',
      },
    },
    {
      name: 'typeorm-wall',
      comment: 'The ORM can be upgraded or replaced as long as it is known only where tables are.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          spec,
          '^src/database/',
          '^src/(commands/|data-source\\.ts$)',
          '^src/(?:runs/)?[^/]+/(entities|repositories)/',
          '^src/(?:runs/)?[^/]+/adapters/typeorm-[^/]+$',
          '\\.module\\.ts$',
        ],
      },
      to: { path: '^node_modules/(typeorm|pg|@nestjs/typeorm)/' },
    },
    {
      name: 'bull-wall',
      comment: 'Bull delivers and decides nothing; where it is not known, nothing can be left to it.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          spec,
          '^src/queue/',
          '^src/(?:runs/)?[^/]+/processors/',
          '^src/(?:runs/)?[^/]+/adapters/(bull|redis)-[^/]+$',
          '\\.module\\.ts$',
        ],
      },
      to: { path: '^node_modules/(bull|ioredis|@nestjs/bull|@types/bull)/' },
    },
    {
      name: 'swagger-wall',
      comment: 'What the API document says belongs to the ways in.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [spec, '^src/http/', '^src/(?:runs/)?[^/]+/(controllers|dto)/', '^src/commands/openapi\\.ts$'],
      },
      to: { path: '^node_modules/@nestjs/swagger/' },
    },
    {
      name: 'contracts-name-no-adapter',
      comment: 'A contract that knew an implementation could lean on it; each implementation brings itself.',
      severity: 'error',
      from: { path: '^test/contracts/' },
      to: { path: ['^src/(?:runs/)?[^/]+/(repositories|adapters|entities)/', '^test/support/in-memory/'] },
    },
    {
      name: 'unit-tests-need-no-server',
      comment: 'The unit tier runs anywhere and in seconds.',
      severity: 'error',
      from: { path: ['^test/unit/', '^test/support/in-memory/', '^test/contracts/'] },
      to: { path: ['^node_modules/(typeorm|pg|bull|ioredis|supertest)/', '^test/support/(services|app)\\.ts$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
    skipAnalysisNotInRules: true,
  },
};
