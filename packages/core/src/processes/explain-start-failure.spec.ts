import { explainStartFailure } from './explain-start-failure';

describe('explainStartFailure', () => {
  it.each([
    ['EACCES', /does not let .* run/, /^move /],
    ['ENOEXEC', /no program for this system/, /use a build/],
    ['E2BIG', /longer than the system allows/, /fewer files/],
    ['ETXTBSY', /being written/, /run again/],
    ['EMFILE', /spawn EMFILE/, /by hand/],
  ])('knows %s', (code, reason, fix) => {
    const failure = explainStartFailure({ file: process.execPath, env: {} }, code, `spawn ${code}`);
    expect(failure.reason).toMatch(reason);
    expect(failure.fix).toMatch(fix);
  });
});
