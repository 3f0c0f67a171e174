import { isSet, readSecret } from './read-secret';

const credential = { option: 'tokenEnv', variable: 'TOKEN' };

it('reads a secret by the name of its variable, and shows it nowhere', () => {
  const secret = readSecret('index', credential, { TOKEN: ' abc\n' });
  expect([secret.reveal(), String(secret), isSet(credential, { TOKEN: 'x' })]).toEqual(['abc', '******', true]);
});

it.each([{}, { TOKEN: '' }, { TOKEN: ' \n' }])('PUBLISH_CREDENTIAL: %j', (environment) => {
  expect(isSet(credential, environment)).toBe(false);
  expect(() => readSecret('index', credential, environment)).toThrow(
    expect.objectContaining({ code: 'PUBLISH_CREDENTIAL', message: expect.stringContaining('TOKEN, which `index` needs') }),
  );
});
