import { commonOptions } from '@waybill/plugin-kit';
import { CHECKS } from '@waybill/relocation';
import { z } from 'zod';
import { versionRequest, versionText } from '../package-dist/option-types';

const CHECK_IDS = CHECKS.map(({ id }) => id);
const checkId = z.enum(CHECK_IDS as [(typeof CHECK_IDS)[number], ...(typeof CHECK_IDS)[number][]]);
const isolation = ['namespace', 'rename', 'copy'] as const;

const permit = z.strictObject({
  check: checkId.describe('The check whose finding is accepted. Example: `imports`'),
  path: z.string().min(1).describe('Glob over paths in the bundle (`*`, `**`, `?`, `{a,b}`). Example: `python/vendor/foo/**`'),
  reason: z.string().trim().min(1, 'an entry of `allow` needs a reason').describe('Why it is accepted; it stands in the record'),
});

const expectation = z.strictObject({
  python: versionRequest('expect.python', "'>=3.10'")
    .optional()
    .describe('Version of Python that must answer: a series (`3.11`), an exact version or specifiers (`>=3.10`)'),
  glibc: versionText('expect.glibc', 'glibc2.28').optional().describe('Highest glibc that files may need. Example: `2.28`'),
});

export const relocatabilitySmokeOptions = z.strictObject({
  ...commonOptions,
  hide: z
    .array(z.string().regex(/^\//, 'an absolute path'))
    .default([])
    .describe('More paths of this machine to hide; no file may name them. Example: `["/opt/python"]`'),
  expect: expectation.prefault({}).describe('What the bundle must be'),
  launcher: z.string().min(1).optional().describe('Path in the bundle of what users start; by default what the manifest says. Example: `pychat`'),
  command: z
    .array(z.string())
    .default(['--smoke-python'])
    .describe('Arguments of the launcher that start Python and answer; the default answers in JSON'),
  imports: z
    .array(z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/))
    .default([])
    .describe('Modules that must load. Example: `["numpy"]`'),
  checks: z.array(checkId).min(1).optional().describe('Checks to run, instead of all but those on demand. Example: `["needed-libraries"]`'),
  allow: z.array(permit).default([]).describe('Findings that are accepted, each with its reason; an entry that matches nothing is itself a finding'),
  isolation: z
    .enum(['strongest', ...isolation])
    .default('strongest')
    .describe('How the bundle is kept from this machine while it runs; `rename` moves the original interpreter aside for everybody'),
  minIsolation: z.enum(isolation).default('namespace').describe('Fail when less than this can be had'),
  glibcMatrix: z
    .array(z.string().min(1))
    .default([])
    .describe('Other C libraries to run on: folders or `.deb` files of libc6, relative to the workspace. Example: `["third_party/libc6_2.31.deb"]`'),
  startBudgetMs: z.number().int().positive().optional().describe('Longest time a start may take, in milliseconds. Example: `500`'),
  secondArchive: z
    .string()
    .min(1)
    .optional()
    .describe('A second packaging of the same inputs, relative to the workspace: check `reproducible` compares the bytes'),
});

export type RelocatabilitySmokeOptions = z.output<typeof relocatabilitySmokeOptions>;
