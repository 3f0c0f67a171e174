import { parseChallenge } from './parse-challenge';

it.each<[string, object]>([
  [
    'Bearer realm="https://auth.test/token",service="registry.test"',
    { scheme: 'bearer', realm: 'https://auth.test/token', service: 'registry.test' },
  ],
  ['Bearer realm="https://a.test/t?x=1,2", scope="repository:a:pull"', { scheme: 'bearer', realm: 'https://a.test/t?x=1,2' }],
  ['Basic realm="a \\"b\\""', { scheme: 'basic', realm: 'a "b"' }],
  ['basic realm=plain', { scheme: 'basic', realm: 'plain' }],
  ['Basic realm="x", Bearer realm="https://a.test/t",service=s', { scheme: 'bearer', realm: 'https://a.test/t', service: 's' }],
  ['Negotiate', { scheme: 'negotiate' }],
  ['', { scheme: '' }],
])('reads %s', (header, challenge) => {
  expect(parseChallenge(header)).toEqual(challenge);
});
