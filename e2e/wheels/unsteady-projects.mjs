/** Projects that `reproducible: verify` must find out, each for one cause, and the words by which it is told. */
import { hostile } from './hostile-backend.mjs';

const FILES = 'def wheel_files():\n    return {"hostile.py": b"", "one.py": b"", "two.py": b""';

/** @type {Record<string, {files: Record<string, string>, cause: RegExp}>} */
export const UNSTEADY_PROJECTS = {
  mtime: { files: hostile('def member_time(path):\n    return time.localtime(os.stat("hostile.py").st_mtime)[:6]\n'), cause: /time/i },
  mode: {
    files: hostile('def member_mode(path):\n    mask = os.umask(0)\n    os.umask(mask)\n    return 0o666 & ~mask\n'),
    cause: /mode|umask/i,
  },
  order: {
    files: hostile(`${FILES}}\ndef member_order(paths):\n    return sorted(paths, reverse=os.environ.get("TZ", "UTC") != "UTC")\n`),
    cause: /order/i,
  },
  path: { files: hostile(`${FILES}, "place.py": repr(os.getcwd()).encode()}\n`), cause: /path|folder/i },
  'hash seed': {
    files: hostile(`${FILES}, "seed.py": " ".join({"one", "two", "three", "four", "five", "six"}).encode()}\n`),
    cause: /hash seed|PYTHONHASHSEED/i,
  },
  'gzip header': { files: hostile('def gzip_time():\n    return time.time()\n'), cause: /gzip/i },
  'time zone': { files: hostile(`${FILES}, "zone.py": repr(time.tzname).encode()}\n`), cause: /zone\.py/ },
};
