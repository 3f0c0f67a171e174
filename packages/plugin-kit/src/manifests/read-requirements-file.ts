import type { ManifestFacts } from './manifest-facts';
import { readRequirement, unique } from './read-pyproject';

/** Names, and folders given by path: `-e ../lib`, `./lib`, `lib @ file:../lib`. What is no such line is an option, a hash or a comment. */
export function readRequirementsFile(text: string): ManifestFacts {
  const needs: string[] = [];
  const paths: string[] = [];
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    const editable = /^(?:-e|--editable)[\s=]+(.*)$/.exec(line)?.[1]?.trim();
    const path = /^\.{1,2}\/[^\s;[]*/.exec(editable ?? line)?.[0];
    if (path !== undefined) paths.push(path);
    else if (editable === undefined && line !== '' && !line.startsWith('-')) {
      const requirement = readRequirement(line);
      if (requirement?.path !== undefined) paths.push(requirement.path);
      else if (requirement) needs.push(requirement.name);
    }
  }
  return { needs: unique(needs), paths: unique(paths) };
}
