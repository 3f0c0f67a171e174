import { lstatSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
// eslint-disable-next-line
import { readBundleFacts } from '../../../bundle/src/tree/read-bundle-facts';
import { runStaticChecks } from '../run-static-checks';
import { renderLinkageReport } from '../render-linkage-report';

function walk(root: string, rel: string, out: any[]) {
  for (const e of readdirSync(join(root, rel))) {
    const p = rel ? `${rel}/${e}` : e; const s = lstatSync(join(root, p));
    const kind = s.isFile() ? 'file' : s.isDirectory() ? 'directory' : s.isSymbolicLink() ? 'symlink' : 'special';
    out.push({ path: p, kind, mode: s.mode & 0o7777, size: s.isFile() ? s.size : 0, mtimeMs: s.mtimeMs, ...(kind === 'symlink' ? { linkTarget: readlinkSync(join(root, p)) } : {}), ...(kind === 'file' && s.nlink > 1 ? { hardLinkGroup: `${s.dev}:${s.ino}` } : {}) });
    if (kind === 'directory') walk(root, p, out);
  }
  return out;
}
it('scratch', async () => {
  const root = process.env['TREE']!;
  const items = walk(root, '', []).sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const tokens: any = (process.env['TOKENS'] ?? '').split(',').filter(Boolean).map((t) => ({ id: t.split('=')[0], path: t.split('=')[1] }));
  let t = performance.now();
  const facts = await readBundleFacts(root, { platform: 'linux-x86_64', leakTokens: tokens, items });
  const read = performance.now() - t; t = performance.now();
  const results = runStaticChecks(facts, { platform: 'linux-x86_64', leakTokens: tokens, ...(process.env['GLIBC'] ? { glibc: process.env['GLIBC'] } : {}) });
  const took = performance.now() - t;
  let out = `entries ${items.length} read ${read | 0} ms, checks ${took | 0} ms\nlayout ${JSON.stringify(facts.layout)}\n`;
  for (const r of results) {
    out += `== ${r.check} ${r.status} ${JSON.stringify(r.evidence).slice(0, 600)}\n`;
    const groups = new Map<string, any[]>();
    for (const f of r.findings) { const k = f.level + ' ' + f.message.replace(/`[^`]*`/g, '`…`'); groups.set(k, [...(groups.get(k) ?? []), f]); }
    for (const [k, fs] of groups) out += `   ${fs.length} × ${k}\n        ${fs.slice(0, 3).map((f) => `${f.path} | ${f.message.slice(0, 200)} | ${f.expected ?? ''} | ${(f.actual ?? '').slice(0, 120)}`).join('\n        ')}\n`;
  }
  writeFileSync('/tmp/scratch-report.txt', out);
  writeFileSync('/tmp/scratch-linkage.txt', renderLinkageReport(facts));
  expect(results.length).toBe(11);
}, 120000);
