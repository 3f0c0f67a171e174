/** docs/reference (options, from zod) and docs/errors (from the catalogs). `--check` fails on drift. Needs `npm run build`. */
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CHECK_TEXTS } from './check-texts.mjs';
import { ERROR_EXAMPLES, GUIDES } from './error-examples.mjs';
import { ROOT, executorOptions, generatorOptions, reportDrift, writeOrCheck } from './executor-options.mjs';

const require = createRequire(import.meta.url);
const { z } = require('zod');
const HEADER = '<!-- generated: npm run docs -->\n\n';

const typeOf = (node) => {
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum) return node.enum.map((value) => `\`${value}\``).join(' · ');
  if (node.anyOf ?? node.oneOf) return [...new Set((node.anyOf ?? node.oneOf).map(typeOf))].join(' or ');
  if (node.type === 'array') return `list of ${typeOf(node.items ?? {})}`;
  return node.type ?? 'any';
};

const cell = (text) =>
  String(text ?? '')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');

function rowsOf(node, prefix = '') {
  return Object.entries(node.properties ?? {}).flatMap(([name, value]) => {
    const required = (node.required ?? []).includes(name) ? 'required' : '';
    const fallback = value.default === undefined ? required : `\`${JSON.stringify(value.default)}\``;
    const row = `| \`${prefix}${name}\` | ${cell(typeOf(value))} | ${cell(fallback)} | ${cell(value.description)} |`;
    const inner = value.type === 'object' ? value : value.type === 'array' && value.items?.type === 'object' ? value.items : undefined;
    const below = `${prefix}${name}${value.type === 'array' ? '[]' : ''}`;
    return [row, ...(inner ? rowsOf(inner, `${below}.`) : []), ...variantRows(value.items, below)];
  });
}

/** A list of objects of several types, told apart by `type`: each type has rows of its own. */
function variantRows(items, prefix) {
  const variants = items?.anyOf ?? items?.oneOf ?? [];
  return variants.filter(({ properties }) => properties?.type?.const).flatMap((one) => rowsOf(one, `${prefix}(${one.properties.type.const}).`));
}

function referencePage(row) {
  const json = z.toJSONSchema(row.schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  const table = ['| option | type | default | what it does |', '|---|---|---|---|', ...rowsOf(json)].join('\n');
  return `${HEADER}# ${row.package}:${row.name}\n\n${row.description}\n\n${table}\n\nUnknown keys are refused by name. Lists of objects stand in project.json only.\n`;
}

/** Catalogs are values with `entries` and `error`, exported by files named `*-errors.js`. */
function catalogs() {
  const walk = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? walk(path) : [path];
    });
  return readdirSync(join(ROOT, 'packages'))
    .sort()
    .flatMap((name) => {
      const dist = join(ROOT, 'packages', name, 'dist');
      if (!statSync(dist, { throwIfNoEntry: false })) return [];
      return walk(dist)
        .filter((file) => file.endsWith('-errors.js'))
        .flatMap((file) =>
          Object.values(require(file))
            .filter((value) => value?.entries && typeof value.error === 'function')
            .map((catalog) => ({ name, catalog })),
        );
    });
}

/** Stands for any argument: prints as `…` wherever a text puts it; as a list it has two. */
const anyArgument = () =>
  new Proxy(() => '…', {
    get: (target, key) => {
      if (key === Symbol.toPrimitive || key === 'toString') return () => '…';
      if (key === Symbol.iterator) return [][Symbol.iterator].bind(['…', '…']);
      if (key === 'map' || key === 'flatMap' || key === 'filter' || key === 'slice')
        return (fn) => (key === 'map' || key === 'flatMap' ? [fn(anyArgument()), fn(anyArgument())].flat() : ['…', '…']);
      if (key === 'join') return () => '…';
      if (key === 'length') return 2;
      return anyArgument();
    },
    apply: () => anyArgument(),
  });

function errorPage(name, code, entry) {
  const cases = (ERROR_EXAMPLES[code] ?? [anyArgument()]).map((args) => entry(args));
  const isExample = ERROR_EXAMPLES[code] !== undefined;
  const texts = cases.map(({ message, fix, details = [] }) => {
    const more = isExample && details.length > 0 ? `\n\n${details.map((detail) => `- ${detail}`).join('\n')}` : '';
    return `${isExample ? `For example: ${message}` : message}${more}\n\n**Fix:** ${fix}`;
  });
  const [, guide, title] = GUIDES.find(([pattern]) => pattern.test(code)) ?? [];
  const see = guide ? ` See [${title}](../guides/${guide}.md).` : '';
  return `${HEADER}# ${code}\n\n${texts.join('\n\n')}\n\nRaised by \`@waybill/${name}\`.${see}\n`;
}

/** Examples and guides that nobody meets any more. */
function refuseStaleTexts(known) {
  const strange = Object.keys(ERROR_EXAMPLES).filter((code) => !known.includes(code));
  const lost = GUIDES.filter(([, guide]) => !statSync(join(ROOT, 'docs/guides', `${guide}.md`), { throwIfNoEntry: false })).map(([, guide]) => guide);
  if (strange.length + lost.length > 0) throw new Error(`tools/error-examples.mjs names what is not there: ${[...strange, ...lost].join(', ')}`);
}

/** One page a code: of two the second would be read for the first. */
function refuseTwice(codes) {
  const twice = codes.filter(({ code }, index) => codes.findIndex((other) => other.code === code) !== index);
  if (twice.length > 0) throw new Error(`two catalogs have the same code: ${twice.map(({ code, name }) => `${code} (${name})`).join(', ')}`);
}

function checksPage() {
  const { CHECKS } = require(join(ROOT, 'packages/relocation/dist/index.js'));
  const unknown = Object.keys(CHECK_TEXTS).filter((id) => !CHECKS.some((row) => row.id === id));
  if (unknown.length > 0) throw new Error(`tools/check-texts.mjs: no check is called ${unknown.join(', ')}`);
  const rows = CHECKS.map(
    ({ number, id, kind, title, onDemand }) => `| ${number} | [\`${id}\`](#${id}) | ${kind}${onDemand ? ', on demand' : ''} | ${title} |`,
  );
  const intro =
    'How to run one check again, look at the bundle and accept a finding: [when the proof is red](../guides/when-the-proof-is-red.md). The `path` of an entry\nof `allow` is a glob over paths in the bundle; a finding that names no path is matched by `**` alone.';
  return `${HEADER}# Relocatability checks\n\n| | id | kind | holds when |\n|---|---|---|---|\n${rows.join('\n')}\n\n${intro}\n\n${CHECKS.map(checkSection).join('\n')}`;
}

function checkSection({ id, title }) {
  const text = CHECK_TEXTS[id];
  if (!text) throw new Error(`tools/check-texts.mjs says nothing of the check ${id}`);
  const permit = text.path && `{ "check": "${id}", "path": "${text.path}", "reason": "…" }`;
  const allow = permit ? `**Allow:** \`${permit}\`` : '**Allow:** nothing sensible.';
  return `## ${id}\n\nHolds when: ${title}.\n\n**Usual cause:** ${text.cause}\n\n**Remedy:** ${text.remedy}\n\n${allow}\n`;
}

const codes = catalogs().flatMap(({ name, catalog }) => Object.entries(catalog.entries).map(([code, entry]) => ({ name, code, entry })));
refuseTwice(codes);
refuseStaleTexts(codes.map(({ code }) => code));
codes.sort((a, b) => (a.code < b.code ? -1 : 1));
const index = `${HEADER}# Errors\n\n${codes.map(({ code }) => `- [${code}](${code}.md)`).join('\n')}\n`;
const files = [
  ...executorOptions().map((row) => [join(ROOT, 'docs/reference', `${row.name}.md`), referencePage(row)]),
  ...generatorOptions().map((row) => [join(ROOT, 'docs/reference', `generator-${row.name}.md`), referencePage(row)]),
  [join(ROOT, 'docs/reference/checks.md'), checksPage()],
  [join(ROOT, 'docs/errors/README.md'), index],
  ...codes.map(({ name, code, entry }) => [join(ROOT, 'docs/errors', `${code}.md`), errorPage(name, code, entry)]),
];
const expected = new Set(files.map(([path]) => path));
const stale = ['docs/errors', 'docs/reference'].flatMap((folder) =>
  statSync(join(ROOT, folder), { throwIfNoEntry: false })
    ? readdirSync(join(ROOT, folder))
        .map((file) => join(ROOT, folder, file))
        .filter((path) => !expected.has(path))
    : [],
);
const check = process.argv.includes('--check');
const drifted = [...writeOrCheck(files, check), ...stale];
if (!check) for (const path of stale) require('node:fs').rmSync(path);
reportDrift(drifted, check, 'npm run docs');
