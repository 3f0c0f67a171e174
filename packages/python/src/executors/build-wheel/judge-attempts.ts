import type { Finding } from '@waybill/core';
import type { NetworkAttempts } from '../../building/make-distributions';

/** Of a build that went on without the network, nobody knows what it would have got there; that nothing counted is said once. */
export const judgeAttempts = (attempts: readonly NetworkAttempts[], backend: string): readonly Finding[] => [
  ...attempts.flatMap(({ what, count }) => (count === undefined ? [] : [triedNetwork(what, count, backend)])),
  ...(attempts.some(({ count }) => count === undefined) ? [NOT_COUNTED] : []),
];

const triedNetwork = (what: NetworkAttempts['what'], count: number, backend: string): Finding => ({
  check: 'network',
  level: 'warning',
  message: `Making the ${what} with \`${backend}\` tried the network ${count === 1 ? 'once' : `${count} times`}, which this build must not use, and went on without it`,
  expected: 'no attempt: where there is a network, the result may be another',
  actual: `${count} (packets without a way out of the network namespace)`,
  fix: 'take out of the build what asks the network, or put what it asks for into the sources or the wheelhouse',
});

const NOT_COUNTED: Finding = {
  check: 'network',
  level: 'info',
  message: 'the build had no network, and nothing counted whether it tried to use one: this system shows no `/proc/net/snmp`',
};
