import { buildNative } from './build-native';
import type { TreeSpec } from './write-tree';

const LOADER = '/lib64/ld-linux-x86-64.so.2';

export interface HomeRecipe {
  version?: string;
  /** Version that libpython's bytes tell; the same by default. */
  libraryVersion?: string;
  machine?: number;
  /** `false`: a static interpreter without libpython. */
  shared?: boolean;
  /** What `_sysconfigdata` states. */
  prefix?: string;
}

/** Files of a Python home that can be described but not run. */
export function madeUpHome({
  version = '3.11.7',
  libraryVersion = version,
  machine = 62,
  shared = true,
  prefix = '/install',
}: HomeRecipe = {}): TreeSpec {
  const series = version.split('.').slice(0, 2).join('.');
  const soname = `libpython${series}.so.1.0`;
  const needed = shared ? [soname, 'libc.so.6'] : ['libc.so.6'];
  return {
    [`bin/python${series}!`]: buildNative({ needed, interpreter: LOADER, machine, text: shared ? '' : `${version}\0` }),
    'bin/python3': `-> python${series}`,
    [`lib/python${series}/os.py`]: '# os\n',
    [`lib/python${series}/LICENSE.txt`]: 'PSF\n',
    [`lib/python${series}/_sysconfigdata__linux_x86_64-linux-gnu.py`]: `build_time_vars = {'prefix': '${prefix}',\n 'abs_builddir': '/tmp/build.1/Python'}\n`,
    [`lib/python${series}/lib-dynload/_ssl.cpython-${series.replace('.', '')}-x86_64-linux-gnu.so`]: buildNative({
      needed: ['libssl.so.3', 'libc.so.6'],
      machine,
    }),
    ...(shared && {
      [`lib/${soname}`]: buildNative({ soname, needed: ['libc.so.6'], machine, text: `\0${libraryVersion}\0` }),
      [`lib/libpython${series}.so`]: `-> ${soname}`,
    }),
  };
}
