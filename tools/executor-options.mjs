/** The zod options of every executor and generator, from the built packages: the one source of schema.json and of the option reference. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));
const require = createRequire(import.meta.url);

const camelCase = (name) => name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());

/** @returns {{package: string, name: string, folder: string, description: string, schema: import('zod').ZodType}[]} */
function optionsOf(collection) {
  return readdirSync(join(ROOT, 'packages'))
    .sort()
    .flatMap((name) => {
      const file = join(ROOT, 'packages', name, `${collection}.json`);
      if (!statSync(file, { throwIfNoEntry: false })) return [];
      const entries = JSON.parse(readFileSync(file, 'utf8'))[collection];
      return Object.entries(entries).map(([entry, { description }]) => {
        const folder = join(ROOT, 'packages', name, 'src', collection, entry);
        const exported = require(join(ROOT, 'packages', name, 'dist', collection, entry, 'options.js'));
        const schemaName = `${camelCase(entry)}Options`;
        if (!exported[schemaName]) throw new Error(`packages/${name}/src/${collection}/${entry}/options.ts exports no \`${schemaName}\``);
        return { package: `@waybill/${name}`, name: entry, folder, description, schema: exported[schemaName] };
      });
    });
}

export const executorOptions = () => optionsOf('executors');
export const generatorOptions = () => optionsOf('generators');

/** Writes `text`, or with `--check` compares: returns the paths that differ. */
export function writeOrCheck(files, check) {
  const { mkdirSync, writeFileSync } = require('node:fs');
  const { dirname, relative } = require('node:path');
  const drifted = [];
  for (const [path, text] of files) {
    const present = statSync(path, { throwIfNoEntry: false }) ? readFileSync(path, 'utf8') : undefined;
    if (present === text) continue;
    drifted.push(relative(ROOT, path));
    if (check) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return drifted;
}

/** Ends the process: with `--check` a drift is a failure that names the command that mends it. */
export function reportDrift(drifted, check, command) {
  if (!check) console.log(drifted.length ? `written: ${drifted.join(', ')}` : 'nothing changed');
  else if (drifted.length) {
    console.error(`drift: ${drifted.join(', ')}\nfix: ${command}`);
    process.exitCode = 1;
  } else console.log('no drift');
}
