import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertPlainUse, redirect, zodEntry } from './bundle-dependencies.mjs';

describe('libraries that are one file', () => {
  test('what tsc wrote loads the one file, whichever way it loaded the library, and a second time changes nothing', () => {
    const text = `const zod_1 = require("zod");\nconst { default: spawn } = await import('cross-spawn');\nrequire("zod/v4");`;
    const once = redirect(redirect(text, 'zod', '@waybill/plugin-kit/zod'), 'cross-spawn', '../bundled/cross-spawn.js');
    assert.equal(
      once,
      `const zod_1 = require("@waybill/plugin-kit/zod");\nconst { default: spawn } = await require("../bundled/cross-spawn.js");\nrequire("zod/v4");`,
    );
    assert.equal(redirect(once, 'zod', '@waybill/plugin-kit/zod'), once);
  });

  test('takes along the members that are used, each once', () => {
    const entry = zodEntry(['zod_1.z.string(), zod_1.z.NEVER', 'zod_1.z\n    .string().min(1), zod_1.z.enum']);
    const imported = [...entry.matchAll(/^import \{ (\w+) as (m\d) \} from ".*\/v4\/(.*)\.js";$/gm)].map(([, ...parts]) => parts.join(' '));
    assert.deepEqual(imported, ['NEVER m0 core/core', 'enum m1 classic/schemas', 'string m2 classic/schemas']);
    assert.match(entry, /export const z = \{ NEVER: m0, enum: m1, string: m2 \};$/);
  });

  for (const use of ['zod_1.z;', 'zod_1.ZodError', 'const { z } = zod_1;', 'call(zod_1)']) {
    test(`refuses a use of zod that it does not see: ${use}`, () => {
      assert.throws(
        () => assertPlainUse(`const zod_1 = require("zod");\nzod_1.z.string();\n${use}`, 'packages/demo/dist/a.js'),
        /packages\/demo\/dist\/a\.js.*use zod as/,
      );
    });
  }
});
