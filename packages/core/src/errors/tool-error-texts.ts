import type { ErrorText } from './waybill-error';

const orElse = (install: string, variable: string): string => `install it: \`${install}\`, or name one by \`${variable}\``;

/** Finding and provisioning foreign tools. */
export const toolErrorTexts = {
  TOOL_DIGEST: (a: { name: string; file: string; expected: string; actual: string }): ErrorText => ({
    message: `What was downloaded as \`${a.name}\` is not what is pinned`,
    fix: 'find out who changed it between the package index and here (a mirror, a proxy, a cache) before you run again; nothing of it was kept or run',
    details: [`\`${a.file}\``, `expected sha256 ${a.expected}`, `actual sha256 ${a.actual}`],
  }),
  TOOL_DOWNLOAD: (a: { name: string; downloader: string; install: string; variable: string; output: string }): ErrorText => ({
    message: `\`${a.name}\` could not be downloaded with \`${a.downloader}\``,
    fix: `correct the network or the index settings of \`${a.downloader}\` and run again, or ${orElse(a.install, a.variable)}`,
    details: [a.output],
  }),
  TOOL_DOWNLOADER: (a: { name: string; looked: readonly string[]; install: string; variable: string }): ErrorText => ({
    message: `There is neither a Python with pip nor uv to download \`${a.name}\` with`,
    fix: `install pip for Python (\`apt-get install python3-pip\`, or \`python3 -m ensurepip\`), or name a Python that has it by \`WAYBILL_PYTHON\`, or ${orElse(a.install, a.variable)}`,
    details: a.looked,
  }),
  TOOL_FOLDER: (a: { name: string; folder: string; reason: string; install: string; variable: string }): ErrorText => ({
    message: `\`${a.name}\` cannot be put into the managed tool folder \`${a.folder}\``,
    fix: `name a folder that can be written to by \`WAYBILL_TOOLS_DIR\`, or ${orElse(a.install, a.variable)}`,
    details: [a.reason],
  }),
  TOOL_MISSING: (a: { tool: string; looked: readonly string[]; install: string; variable: string }): ErrorText => ({
    message: `The tool \`${a.tool}\` is missing`,
    fix: orElse(a.install, a.variable),
    details: a.looked,
  }),
  TOOL_OFFLINE: (a: { name: string; folder: string; damaged: boolean; install: string; variable: string }): ErrorText => ({
    message: `\`${a.name}\` is ${a.damaged ? 'damaged' : 'missing'} in the managed tool folder, and \`WAYBILL_OFFLINE\` forbids to download it`,
    fix: `run once without \`WAYBILL_OFFLINE\`, or name a filled folder by \`WAYBILL_TOOLS_DIR\`, or ${orElse(a.install, a.variable)}`,
    details: [`looked in \`${a.folder}\``],
  }),
  TOOL_UNUSABLE: (a: { name: string; path: string; reason: string; install: string; variable: string }): ErrorText => ({
    message: `The provisioned \`${a.name}\` does not run on this machine: ${a.reason}`,
    fix: orElse(a.install, a.variable),
    details: [`\`${a.path}\``],
  }),
  TOOL_VERSION: (a: { tool: string; path: string; expected: string; actual: string; why: readonly string[]; fix: string }): ErrorText => ({
    message: `The tool \`${a.tool}\` that was found cannot be used`,
    fix: a.fix,
    details: [`found \`${a.path}\``, `expected ${a.expected}`, `actual ${a.actual}`, ...a.why],
  }),
};
