import { orderVersions } from './order-versions';

it('orders releases as PEP 440 does', () => {
  const ordered = ['1.0.dev1', '1.0a1.dev2', '1.0a1', '1.0a2', '1.0b1', '1.0rc1', '1.0', '1.0.post1.dev1', '1.0.post1', '1.0.1', '1.9', '1.10'];
  const shuffled = ordered.filter((_, index) => index % 2 === 0).concat(ordered.filter((_, index) => index % 2 === 1));
  expect(shuffled.sort(orderVersions)).toEqual(ordered);
  expect(orderVersions('1.0', '1.0.0')).toBe(0);
  expect(orderVersions('1.0-rc.1', '1.0rc1')).toBe(0);
});
