import { mkdirSync, rmSync } from 'node:fs';
import { createProcesses, createTools, cleanEnvironment, PATCHELF, STRIP } from '@waybill/core';
// eslint-disable-next-line
import { prepareRuntime, resolveRuntime } from '../../../bundle/src/runtime';
it('prepare', async () => {
  const processes = createProcesses(); const tools = createTools({ processes, environment: process.env as any });
  const environment = cleanEnvironment(process.env as any, []);
  const ports: any = { processes, tools, environment, variables: process.env };
  const root = process.env['OUT']!; rmSync(root, { recursive: true, force: true }); mkdirSync(root, { recursive: true });
  const runtime = await resolveRuntime({ provider: 'interpreter', path: process.env['PY']!, projectRoot: '/tmp/relo-none', workspaceRoot: '/tmp/relo-none', platform: 'linux-x86_64', embedded: process.env['EMB'] === '1' } as any, ports);
  const p = await prepareRuntime({ runtime, outputRoot: root, workspaceRoot: '/tmp/relo-none', platform: 'linux-x86_64', embedded: process.env['EMB'] === '1', prune: { preset: 'safe', keep: [], drop: [] }, strip: true, pyc: 'unchecked-hash', vendorLibraries: { enabled: true, allow: [], deny: [], licences: {} }, leakTokens: [], patchelf: await tools.resolve(PATCHELF), stripTool: await tools.resolve(STRIP), ports } as any);
  console.log(JSON.stringify(p.facts), JSON.stringify(p.findings).slice(0, 2000), p.carried.length, JSON.stringify(p.stepMs));
}, 300000);
