import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const read = (path: string): string => readFileSync(path, 'utf8');
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name]) => name ?? '');

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'bench/README.md',
  ...['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
];

describe('the settings', () => {
  const source = readdirSync('src/config')
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => read(join('src/config', name)))
    .join('\n');
  /** Name of each setting that the code reads, with its default where it is a literal. */
  const settings = new Map(
    [
      ...source.matchAll(/\b(?:read\.\w+\(|readNodes\(read, )\s*'([A-Z_]+)'(?:,\s*('[^']*'|[\d_]+|true|false)\b)?/g),
    ].map(([, name, fallback]) => [name ?? '', fallback?.replaceAll(/[_']/g, '')] as const),
  );
  for (const prefix of matches(source, /\breadSsl\(\s*read,\s*'([A-Z]+)'/g))
    for (const part of ['', '_CA', '_CERT', '_KEY']) settings.set(`${prefix}_SSL${part}`, undefined);
  /** Read by `npm start` and by `npm run admin:create`, not by the program. */
  const ofCommands = ['DATA_DIR', 'ADMIN_EMAIL', 'ADMIN_PASSWORD'];
  const names = [...settings.keys(), ...ofCommands].sort();

  it('are all in docs/configuration.md, and none besides', () => {
    const documented = matches(read('docs/configuration.md'), /^\| `([A-Z_]+)`/gm);
    expect(documented.sort()).toEqual(names);
  });

  it('are all in .env.example, and none besides', () => {
    expect(matches(read('.env.example'), /^# ([A-Z_]+)=/gm).sort()).toEqual(names);
  });

  it('have the defaults that docs/configuration.md says', () => {
    const documented = new Map(
      [...read('docs/configuration.md').matchAll(/^\| `([A-Z_]+)`\s*\| `([^`]*)`/gm)].map(
        ([, name, fallback]) => [name ?? '', fallback] as const,
      ),
    );
    const literal = [...settings].filter(
      ([, fallback]) => fallback !== undefined && /^(\d+|true|false)$/.test(fallback),
    );
    expect(literal.length).toBeGreaterThan(30);
    expect(literal.map(([name]) => [name, documented.get(name)])).toEqual(literal);
  });

  it('that README.md names exist', () => {
    const named = matches(read('README.md'), /`([A-Z]+(?:_[A-Z]+)+)`/g);
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('docs/decisions/0001-stack-and-dependencies.md', () => {
  it('has a line for each dependency', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const page = read('docs/decisions/0001-stack-and-dependencies.md');
    const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@types/'));
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('docs/decisions/0009-peers-belong-to-the-bench.md', () => {
  it('has a line for each dependency of the bench', () => {
    const { dependencies } = JSON.parse(read('bench/package.json')) as { dependencies: Record<string, string> };
    const page = read('docs/decisions/0009-peers-belong-to-the-bench.md');
    expect(Object.keys(dependencies).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('has the versions that the product itself uses', () => {
    const [product, bench] = ['package.json', 'bench/package.json'].map(
      (path) => (JSON.parse(read(path)) as { dependencies: Record<string, string> }).dependencies,
    );
    const shared = ['bull', 'ioredis', 'pg'];
    expect(shared.map((name) => bench![name])).toEqual(shared.map((name) => product![name]));
  });
});

describe('docs/architecture.md', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'),
  );
  const ports = sources.flatMap((path) => matches(read(join('src', path)), /^export const (I\w+) = Symbol\(/gm));

  it('has a line for each port, and for none that does not exist', () => {
    expect(ports.length).toBeGreaterThan(50);
    const [, table = ''] = read('docs/architecture.md').split('## Ports');
    const listed = matches(table.split('\n## ')[0] ?? '', /`(I[A-Z]\w+)`/g);
    expect(listed.sort()).toEqual(ports.sort());
  });
});

describe('every page', () => {
  it.each(pages)('%s links to files that exist', (page) => {
    const links = matches(read(page), /\]\((?!https?:|#)([^)#\s]+)/g);
    expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([]);
  });
});
