import { defineGenerator, initWorkspace } from '@waybill/plugin-kit/generators';
import { initOptions } from './options';

export default defineGenerator({
  name: '@waybill/release:init',
  options: initOptions,
  run: (tree, options) => {
    const { lines, install } = initWorkspace(tree, options);
    return { lines: lines.some((line) => !line.startsWith('!')) ? lines : [...lines, '= nothing to change'], install };
  },
});
