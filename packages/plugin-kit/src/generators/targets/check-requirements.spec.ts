import { parse } from 'smol-toml';
import type { ProjectFacts } from './project-facts';
import { checkRequirements } from './check-requirements';

const check = (pyproject: string, lock?: string): void => {
  const facts = { name: 'app', root: 'app', pyproject: parse(pyproject), ...(lock !== undefined && { lock }) };
  checkRequirements(
    facts as unknown as ProjectFacts,
    new Map([
      ['lib', { root: 'libs/lib', needs: ['base', 'requests'] }],
      ['base', { root: 'base', needs: ['lib'] }],
    ]),
  );
};
const POETRY = '[tool.poetry.dependencies]\npython = "^3.9"\nLib = { path = "../lib" }\nrich = { version = "^13", optional = true }\n';

it.each([
  ['of `[project]`', '[project]\ndependencies = ["FastAPI>=0.1", "lib"]\n', 'FastAPI>=0.1'],
  ['of Poetry', `${POETRY}FastAPI = "^1"\n`, 'FastAPI'],
  ['that a new Poetry leaves to its own table', `[project]\ndynamic = ["dependencies"]\n${POETRY}FastAPI = "^1"\n`, 'FastAPI'],
])('OPTION_REQUIREMENTS names what is not locked: %s', (_, pyproject, needs) => {
  expect(() => check(pyproject)).toThrow(
    expect.objectContaining({ code: 'OPTION_REQUIREMENTS', details: expect.arrayContaining([`it needs ${needs}`]) }),
  );
  expect(() => check(pyproject, 'app/requirements.lock')).not.toThrow();
});

it.each([POETRY, `[project]\ndependencies = ["lib"]\n${POETRY}other = { source = "internal" }\n`])('needs no lock for %j', (pyproject) =>
  expect(() => check(pyproject)).not.toThrow(),
);

it('names a command that finds packages of the workspace, and what they need, in their folders', () =>
  expect(() => check('[project]\ndependencies = ["FastAPI", "lib"]\n')).toThrow(
    expect.objectContaining({
      fix: expect.stringMatching(
        /`printf '\.\/libs\/lib\\n\.\/base\\n' \| uv pip compile .*--no-emit-package lib --no-emit-package base .*pyproject\.toml -`/,
      ),
    }),
  ));
