import { planInstall, type LocalWheel } from './choose-requirements';

const HERE = { series: '3.11', abiFlags: '', platform: 'linux-x86_64' };
const wheel = (name: string, requires: readonly string[] = []): LocalWheel => {
  const [, version = ''] = name.split('-');
  return { name, version, requires, sha256: `<${name}>`, file: `/dist/${name}` };
};

it('pins the best wheel of each distribution for this machine, by digest', () => {
  const wheels = ['cp311-cp311-manylinux_2_17_x86_64', 'cp38-abi3-manylinux_2_17_x86_64', 'cp311-cp311-macosx_11_0_arm64', 'py3-none-any'];
  const names = wheels.map((tags) => `Fast_Count-1.0-${tags}.whl`);
  expect(
    planInstall(
      names.map((name) => wheel(name)),
      [],
      HERE,
    ).pins,
  ).toEqual([`fast-count==1.0 --hash=sha256:<${names[0]!}>`]);
  expect(planInstall([wheel(names[2]!)], [], HERE)).toEqual({ pins: [], local: [], others: [] });
});

it('takes what is of this workspace from its files, with what that needs, and asks no index for a name that is ours', () => {
  const own = wheel('app_x-1.0-py3-none-any.whl', ['lib-a (>=1)', 'requests[socks]>=2; python_version > "3"', 'App.X[extra]', 'elsewhere']);
  const a = wheel('lib_a-2.0-py3-none-any.whl', ['Lib.B', 'attrs', 'app-x']);
  const b = wheel('lib_b-2.0-py3-none-any.whl', ['lib-a', 'attrs']);
  const foreign = wheel('elsewhere-1.0-cp312-cp312-win_amd64.whl');
  const unused = wheel('lib_c-2.0-py3-none-any.whl', ['never']);
  const plan = planInstall([own], [a, b, foreign, unused], HERE);
  expect(plan.local.map(({ name }) => name)).toEqual([a.name, b.name]);
  expect(plan.others).toEqual(['attrs', 'requests[socks]>=2; python_version > "3"']);
});
