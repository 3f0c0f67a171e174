import type { ManifestFacts } from './manifest-facts';
import { setupName } from '../version/read-package-info';
import { readRequirement, unique } from './read-pyproject';

/** A list of texts in so many words, comments and line ends between them. What Python computes is known to Python alone. */
const LIST = /\b(?:install|setup)_requires\s*=\s*\[((?:[\s,]|#[^\n]*|'[^'\n]*'|"[^"\n]*")*)\]/g;
const TEXT = /#[^\n]*|'([^'\n]*)'|"([^"\n]*)"/g;

/** Name and dependencies in a setup.py, to run and to build, where they stand as texts in the call of `setup`. */
export function readSetupPy(text: string): ManifestFacts {
  const lists = [...text.matchAll(LIST)].map(([, list]) => list!);
  const texts = lists.flatMap((list) => [...list.matchAll(TEXT)].flatMap(([, single, double]) => single ?? double ?? []));
  const requirements = texts.map(readRequirement).filter((found) => found !== undefined);
  const name = setupName(text);
  return {
    ...(name !== undefined && { name }),
    needs: unique(requirements.map((requirement) => requirement.name)),
    paths: unique(requirements.flatMap(({ path }) => (path === undefined ? [] : [path]))),
  };
}
