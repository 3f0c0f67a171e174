import type { Finding } from '@waybill/core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeInPlace, RuntimePorts } from '../../../runtime';
import { compileBytecode } from '../../../runtime/preparation/compile-bytecode';
import { PYTHON_APP } from '../options';
import { VENDOR } from './bundle-places';

/**
 * Compiles what came after the runtime: the start hook, wheels, the application's own modules. A module that cannot be compiled (a
 * template, code for another Python) ships as it was in its wheel: told, not refused.
 */
export async function compileModules(root: string, { python, sitePackages }: RuntimeInPlace, ports: RuntimePorts): Promise<Finding[]> {
  const folders = [sitePackages, VENDOR, PYTHON_APP].filter((folder) => existsSync(join(root, folder)));
  const failed = await compileBytecode({ root, python, folders }, ports);
  return failed.map((path) => ({
    check: 'bytecode',
    level: 'info',
    path,
    message: 'cannot be compiled by the Python of the bundle, and ships as source only',
  }));
}
