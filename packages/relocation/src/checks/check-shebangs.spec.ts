import { script } from '../testing/build-facts';
import { pythonApp } from '../testing/good-bundles';
import { add, describeFindings, findingsOf } from '../testing/plant-fault';

const found = (text: string, path = 'bin/tool'): string[] => describeFindings(findingsOf('shebangs', pythonApp(add(script(path, text)))));

it.each([
  ['#!/bin/sh\nexec /opt/venv/bin/python3.11 -m app "$@"\n'],
  ['#!/bin/sh\nset -e\nX=1 exec env A=b "/opt/venv/bin/python" "$@"\n'],
  ['#!/bin/bash\nif true; then /usr/bin/python3 "$0.py"; fi\n'],
])('a shell script that starts a Python of the machine: %j', (text) => {
  expect(found(text)).toContainEqual('error bin/tool The script starts a Python by an absolute path');
});

it.each([
  ['#!/bin/sh\nexec "$here/python/bin/python3.11" "$@"\n'],
  ['#!/bin/sh\n# exec /usr/bin/python3\necho "/usr/bin/python3 is not used"\n'],
  ['#!/usr/bin/env sh\necho 1\n'],
])('a shell script that does not: %j', (text) => {
  expect(found(text)).toEqual([]);
});

it.each(['bash', 'perl', 'node'])('`env %s` needs what small systems lack', (command) => {
  expect(found(`#!/usr/bin/env ${command}\n`)).toEqual([`warning bin/tool The script needs \`${command}\`, which small systems do not have`]);
  expect(found(`#!/usr/bin/env ${command}\n`, 'python/vendor/pkg/tool')).toEqual([]);
});
