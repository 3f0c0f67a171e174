import { execFileSync } from 'node:child_process';
import { cleanEnvironment, createProcesses, createTools, type LibraryTools } from '@waybill/core';
import { parseCoreMetadata, type WheelFacts } from '@waybill/distributions';
import { checkRendering } from './check-rendering';

const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
const processes = createProcesses();
const tools = createTools({ processes, environment: process.env });

const wheel = (text: string, type = 'text/x-rst'): WheelFacts => ({
  kind: 'wheel',
  fileName: 'demo-1.0-py3-none-any.whl',
  container: { format: 'zip' },
  members: [],
  natives: [],
  distInfos: ['demo-1.0.dist-info'],
  metadata: parseCoreMetadata(`Name: demo\n${type === '' ? '' : `Description-Content-Type: ${type}\n`}\n${text}\n`).metadata,
  entryPoints: [],
  topLevels: [],
  faults: [],
});

const check = (distributions: readonly WheelFacts[], more: { tools?: LibraryTools; metadata?: 'strict' | 'warn'; python?: string } = {}) =>
  checkRendering({
    distributions,
    metadata: 'strict',
    python,
    tools,
    processes,
    environment: cleanEnvironment(process.env, []),
    timeoutMs: 60_000,
    ...more,
  });

const GOOD = `
Demo
====

.. image:: https://images.example/badge.svg
   :width: 50%

.. code:: python

   print('grüße')

See \`the page <https://pages.example>\`_ and :math:\`x^2\`.
`;

it('renders what an index renders', async () => {
  expect(await check([wheel(GOOD), wheel(GOOD, '')])).toEqual([]);
});

it.each([
  ['a heading whose line is too short', 'Demonstration\n=====\n\ntext', /line 2.*$/, /Title underline too short/],
  ['a role of Sphinx', 'See :ref:`x`.', /line 1/, /[Uu]nknown interpreted text role|No role entry/],
  ['a directive of Sphinx', 'Demo\n\n.. toctree::\n\n   x\n', /line 3/, /Unknown directive type|No directive entry/],
  ['an include', '.. include:: /etc/passwd\n', /line 1/, /"include" directive disabled/],
  ['raw HTML', '.. raw:: html\n\n   <b>x</b>\n', /line 1/, /"raw" directive disabled/],
  ['a name that is used and nowhere given', 'See x_.', /reStructuredText/, /Unknown target name/],
  ['Markdown that is called reStructuredText', '# Demo\n\n| a | b |\n|---|---|\n\n```\ncode\n', /reStructuredText/, /./],
  ['nothing but a comment', '.. a comment', /reStructuredText/, /nothing is rendered/],
])('tells of %s', async (_what, text, message, actual) => {
  const [finding, ...more] = await check([wheel(text)]);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    check: 'description',
    level: 'error',
    path: 'demo-1.0-py3-none-any.whl/demo-1.0.dist-info/METADATA',
    message: expect.stringMatching(message) as string,
    actual: expect.stringMatching(actual) as string,
  });
});

it('`warn` makes a warning of it, once for each distribution', async () => {
  expect((await check([wheel('See x_.'), wheel('See x_.')], { metadata: 'warn' })).map(({ level }) => level)).toEqual(['warning', 'warning']);
});

it('starts nothing for Markdown, plain text and nothing', async () => {
  const none = { ...tools, library: () => Promise.reject(new Error('was asked')) } as LibraryTools;
  expect(await check([wheel('See x_.', 'text/markdown'), wheel('See x_.', 'text/plain; charset=UTF-8'), wheel('')], { tools: none })).toEqual([]);
});

it('what could not be tried does not pass', async () => {
  const offline = {
    ...tools,
    library: () => Promise.reject(Object.assign(new Error('it is not there'), { code: 'TOOL_OFFLINE', fix: 'go online' })),
  } as LibraryTools;
  expect(await check([wheel(GOOD)], { tools: offline })).toMatchObject(
    [{ level: 'error', message: /could not be tried: it is not there/, fix: 'go online' }].map((one) => ({
      ...one,
      message: expect.stringMatching(one.message) as string,
    })),
  );
  expect(await check([wheel(GOOD)], { python: '/bin/false' })).toMatchObject([
    { level: 'error', message: 'Whether the description renders could not be tried' },
  ]);
});
