import type { StageContext } from '@waybill/plugin-kit';
import { placesIn } from '../../workplace/workplace-path';
import type { BuildFacts } from './build-facts';
import { buildVariables } from './build-variables';
import type { BuildWheelOptions } from './options';

const of = (system: string, environment: Record<string, string>, toolEnvironment: Record<string, string> = {}) => {
  const context = { options: {}, environment, toolEnvironment, version: '1.0' } as unknown as StageContext<BuildWheelOptions>;
  const facts = { system, rustFlags: 'RUSTFLAGS', project: { dynamicVersion: false } } as unknown as BuildFacts;
  return buildVariables(context, facts, placesIn('/tmp/x'));
};

it('has compilers on Macs know the lowest macOS that the user set, which the hash knows', () => {
  expect(of('darwin', { MACOSX_DEPLOYMENT_TARGET: '11.0' })).toMatchObject({ MACOSX_DEPLOYMENT_TARGET: '11.0' });
  expect(of('darwin', {})).not.toHaveProperty('MACOSX_DEPLOYMENT_TARGET');
  expect(of('linux', { MACOSX_DEPLOYMENT_TARGET: '11.0' })).not.toHaveProperty('MACOSX_DEPLOYMENT_TARGET');
});
