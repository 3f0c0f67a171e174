import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, readdirSync, statSync, lstatSync, readFileSync } from 'node:fs';
import { readElf } from '@waybill/binary';
it('bench', () => {
  const root = '/tmp/relo-py311'; const files: string[] = [];
  const walk = (d: string) => { for (const e of readdirSync(d)) { const p = d + '/' + e; const s = lstatSync(p); if (s.isDirectory()) walk(p); else if (s.isFile() && readFileSync(p).subarray(0, 4).toString('latin1') === '\x7fELF') files.push(p); } };
  walk(root); const pl = '/root/.pyenv/versions/3.11.7/lib/libpython3.11.so.1.0';
  const read = (p: string, symbols: boolean) => { const fd = openSync(p, 'r'); const r = readElf({ size: statSync(p).size, read: (o, l) => { const b = Buffer.allocUnsafe(l); return b.subarray(0, readSync(fd, b, 0, l, o)); } }, { symbols }); closeSync(fd); return r; };
  for (let i = 0; i < 4; i++) {
    let t = performance.now(); for (const f of files) read(f, true); const a = performance.now() - t;
    t = performance.now(); read(pl, true); const b = performance.now() - t; t = performance.now(); read(pl, false); const c = performance.now() - t;
    t = performance.now(); execFileSync('readelf', ['-hldW', '--dyn-syms', '--version-info', ...files], { maxBuffer: 2 ** 30 }); const d = performance.now() - t;
    process.stdout.write(`files ${files.length} ours ${a.toFixed(1)} libpython ${b.toFixed(2)}/${c.toFixed(2)} readelf ${d.toFixed(1)}\n`);
  }
}, 60000);
