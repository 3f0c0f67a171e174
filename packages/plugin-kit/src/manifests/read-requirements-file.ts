import type { ManifestFacts } from './manifest-facts';
import { readRequirement, unique } from './read-pyproject';

/** `--hash=…`, `https://…`: nothing that has a name. */
const OPTION = /^-|^[A-Za-z][A-Za-z0-9+.-]*:/;

/**
 * Names, and folders given by path: `-e libs/lib`, `-e "../my lib"`, `./lib`, `libs/lib`, `lib @ file:../lib`. Files that are
 * taken in (`-r`) are named; constraints (`-c`) need nothing. What is no such line is an option, a hash or a comment.
 */
export function readRequirementsFile(text: string): ManifestFacts {
  const needs: string[] = [];
  const paths: string[] = [];
  const includes: string[] = [];
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    const included = /^(?:-r[\s=]*|--requirement[\s=]+)(.+)$/
      .exec(line)?.[1]
      ?.trim()
      .replace(/^(["'])(.*)\1$/, '$2');
    if (included !== undefined && !/^[a-z]+:\/\//.test(included)) includes.push(included.replaceAll('\\', '/'));
    const editable = /^(?:-e|--editable)[\s=]+(.*)$/.exec(line)?.[1]?.trim();
    const subject = editable ?? line;
    const isOption = editable === undefined && (line === '' || OPTION.test(line));
    const requirement = isOption ? undefined : readRequirement(subject);
    const path = pathOf(subject, editable !== undefined) ?? requirement?.path;
    if (path !== undefined) paths.push(path);
    else if (requirement && editable === undefined) needs.push(requirement.name);
  }
  return { needs: unique(needs), paths: unique(paths), ...(includes.length > 0 && { includes: unique(includes) }) };
}

/** An absolute path names no place in a workspace that others have too; a file with an ending is an archive, whose folder is no project's. */
function pathOf(text: string, editable: boolean): string | undefined {
  const unquoted = /^(["'])(.*?)\1/.exec(text)?.[2] ?? /^[^\s;[]*/.exec(text)![0];
  if (/^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(unquoted)) return undefined;
  const path = unquoted
    .replace(/^file:/, '')
    .replace(/\[[^\]]*\]$/, '')
    .replaceAll('\\', '/')
    .replace(/#.*$/, '');
  const isPath = /^\.{1,2}(\/|$)/.test(path) || (editable ? !/[@:]/.test(path) && path !== '' && !isUrlOrName(text) : /^[^@=<>!~,(]*\//.test(path));
  return isPath && !/^(\/|[A-Za-z]:)/.test(path) ? path : undefined;
}

/** `-e lib @ git+https://…`: a name with an address, no folder. */
const isUrlOrName = (text: string): boolean => /^[^"'\s]+\s*@\s/.test(text);
