import type { FileContent } from '@waybill/plugin-kit/testing';

/**
 * A build backend in the project itself (PEP 517, `backend-path`), which needs no download: packs `src/` into a wheel, and the project into an
 * sdist. `before` is Python that runs when a wheel is built, `sdistBefore` when an sdist is; `options` replaces parts of what it writes.
 */
export interface BackendPlant {
  /** In `build_wheel`, with the folder of the result as `out`. */
  wheel?: string;
  /** In `build_sdist`. */
  sdist?: string;
  /** Glob patterns of files that the sdist leaves out. */
  sdistLacks?: readonly string[];
  tag?: string;
  /** Paths of further members of the wheel, as they are. */
  extraMembers?: readonly string[];
  /** Python that ends with the pair `(time, mode)` of members of the wheel. */
  memberInfo?: string;
  name?: string;
  version?: string;
}

/** Its module. */
export const backendModule = (plant: BackendPlant): string => `
import base64, fnmatch, glob, hashlib, io, os, subprocess, sys, tarfile, time, zipfile
NAME, VERSION, TAG = '${plant.name ?? 'demo'}', '${plant.version ?? '0.3.0'}', '${plant.tag ?? 'py3-none-any'}'
METADATA = 'Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\nSummary: x\\nDescription-Content-Type: text/plain\\n\\ntext\\n' % (NAME, VERSION)
LACKS = ${JSON.stringify(plant.sdistLacks ?? [])}

def files():
    found = [path.replace(os.sep, '/') for path in glob.glob('**/*', recursive=True) if os.path.isfile(path) and '__pycache__' not in path]
    return sorted(found)

def build_sdist(out, config_settings=None):
    ${(plant.sdist ?? 'pass').split('\n').join('\n    ')}
    base = '%s-%s' % (NAME, VERSION)
    with tarfile.open(os.path.join(out, base + '.tar.gz'), 'w:gz', format=tarfile.PAX_FORMAT) as archive:
        for path in files():
            if not any(fnmatch.fnmatch(path, pattern) for pattern in LACKS) and path != 'PKG-INFO':
                archive.add(path, base + '/' + path)
        info = tarfile.TarInfo(base + '/PKG-INFO')
        info.size = len(METADATA)
        archive.addfile(info, io.BytesIO(METADATA.encode()))
    return base + '.tar.gz'

def build_wheel(out, config_settings=None, metadata_directory=None):
    ${(plant.wheel ?? 'pass').split('\n').join('\n    ')}
    name = '%s-%s-%s.whl' % (NAME, VERSION, TAG)
    info = '%s-%s.dist-info/' % (NAME, VERSION)
    members = [(path[4:], open(path, 'rb').read()) for path in files() if path.startswith('src/')]
    members += [(info + 'METADATA', METADATA.encode()), (info + 'WHEEL', ('Wheel-Version: 1.0\\nGenerator: in-tree\\nRoot-Is-Purelib: %s\\nTag: %s\\n' % (str(TAG.endswith('any')).lower(), TAG)).encode())]
    members += [(path, b'extra') for path in ${JSON.stringify(plant.extraMembers ?? [])}]
    record = ''
    with zipfile.ZipFile(os.path.join(out, name), 'w') as archive:
        for path, content in members:
            ${plant.memberInfo ?? 'date, mode = (2020, 2, 2, 0, 0, 0), 0o644'}
            entry = zipfile.ZipInfo(path, date)
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()
            record += '%s,sha256=%s,%d\\n' % (path, digest, len(content))
        entry = zipfile.ZipInfo(info + 'RECORD', (2020, 2, 2, 0, 0, 0))
        entry.external_attr = 0o100644 << 16
        archive.writestr(entry, record + info + 'RECORD,,\\n')
    return name
`;

/** A project that such a backend builds: a package `demo` with a module and a data file. */
export function inTreeProject(plant: BackendPlant = {}, files: Readonly<Record<string, FileContent>> = {}): Readonly<Record<string, FileContent>> {
  return {
    'pyproject.toml': `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["backend"]\n\n[project]\nname = "demo"\nversion = "0.3.0"\n`,
    'backend/backend.py': backendModule(plant),
    'src/demo/__init__.py': '"""A demo."""\n',
    'src/demo/data.txt': 'data\n',
    ...files,
  };
}
