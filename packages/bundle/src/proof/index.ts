export * from '../ground/proof-request';
export { runProof } from './run-proof';
export { makeWorkFolder, memoryFor, removeWorkFolder } from '../ground/work-folder';
export { unpackBundle } from './unpack-bundle';
export { machinePorts, toolVersion } from './proof-ports';
export { checkLine, shownFindings, verdictLine } from './describe-proof';
