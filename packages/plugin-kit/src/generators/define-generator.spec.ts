import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { z } from 'zod';
import { defineGenerator, generatorOptions, systemHost } from './define-generator';
import { generatorErrors } from './generator-errors';

const options = z.strictObject({ ...generatorOptions, name: z.string() });

function setUp(isWritable = true) {
  const printed: string[] = [];
  const generator = defineGenerator(
    {
      name: '@waybill/x:y',
      options,
      run: (tree, { name }) => {
        if (name === 'bad') throw generatorErrors.error('FILE_JSON', { path: 'p', reason: 'r', fix: 'f' });
        tree.write('nx.json', '{}');
        tree.write('new.json', '{}');
        return { lines: [`+ ${name}`], ...(name === 'later' && { afterwards: () => Promise.resolve(['+ later on']) }) };
      },
    },
    { isWritable: (path) => isWritable || !path.endsWith('nx.json'), print: (line) => printed.push(line) },
  );
  return { tree: createTreeWithEmptyWorkspace(), generator, printed };
}

it('says what was done, and installs nothing unasked', async () => {
  const { tree, generator, printed } = setUp();
  expect(await generator(tree, { name: 'a', skipFormat: true })).toBeUndefined();
  expect(printed).toEqual(['+ a']);
});

it('does what is for afterwards when Nx has written the files, and says so', async () => {
  const { tree, generator, printed } = setUp();
  const callback = await generator(tree, { name: 'later', skipFormat: true });
  expect(printed).toEqual(['+ later']);
  await callback!();
  expect(printed).toEqual(['+ later', '+ later on']);
});

it('refuses with code, text and fix in one message, and says nothing else', async () => {
  const { tree, generator, printed } = setUp();
  await expect(generator(tree, { name: 'bad' })).rejects.toMatchObject({
    code: 'FILE_JSON',
    message: 'FILE_JSON `p` cannot be changed by a generator: r\nfix: f',
  });
  await expect(generator(tree, { name: 'a', nme: 1 })).rejects.toMatchObject({ code: 'OPTION_UNKNOWN', message: expect.stringContaining('`name`') });
  await expect(generator(tree, { name: 1 })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringMatching(/fix: correct it on the command line; `nx g @waybill\/x:y --help` lists all options$/),
  });
  expect(printed).toEqual([]);
});

it('refuses files that must not be written, before Nx would write half of them', async () => {
  const { tree, generator } = setUp(false);
  await expect(generator(tree, { name: 'a', skipFormat: true })).rejects.toMatchObject({
    code: 'FILE_READ_ONLY',
    message: expect.stringContaining('`nx.json`'),
  });
});

it('takes a file that is not there for writable', () => {
  expect(systemHost.isWritable('/no/such/file')).toBe(true);
  expect(systemHost.isWritable(__filename)).toBe(true);
});
