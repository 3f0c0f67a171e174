import { settingsOf, type Frontend } from './frontend';

/**
 * maturin itself, for projects of its backend: it looks at what the wheel's code needs and gives it the lowest manylinux tag that is true. Its
 * PEP 517 hooks do not (`linux_x86_64`), and no index takes such a wheel.
 */
export const maturin: Frontend = {
  id: 'maturin',
  makes: ['sdist', 'wheel'],
  command({ what, source, output, python, configSettings, cargoLock }, tool) {
    const extra = settingsOf(configSettings).flatMap((setting) => {
      const [, args] = /^(?:build-args|maturin\.build-args)=(.*)$/.exec(setting) ?? [];
      return args === undefined ? [] : args.split(/\s+/).filter((word) => word !== '');
    });
    const args =
      what === 'sdist'
        ? ['sdist', '--out', output]
        : ['build', '--release', '--out', output, '--interpreter', python, ...(cargoLock ? ['--locked'] : []), ...extra];
    return { tool, args, cwd: source, env: { CARGO_TERM_COLOR: 'never' } };
  },
};
