import { readLicenceExpression } from './licence-expression';

it.each([
  'MIT',
  'mit',
  'MIT OR Apache-2.0',
  '(MIT OR Apache-2.0) AND BSD-3-Clause',
  'GPL-2.0-or-later WITH Classpath-exception-2.0',
  'LicenseRef-Proprietary',
  'licenseref-my.own-1',
  'Apache-2.0+ and (mit or (0BSD))',
  'MIT AND GPL-3.0-only WITH GCC-exception-3.1',
])('%s is an expression', (text) => {
  expect(readLicenceExpression(text)).toEqual({ deprecated: [] });
});

it.each([
  ['', 'it is empty'],
  ['MIT License', '`License` follows without `AND`, `OR` or `WITH`'],
  ['Proprietary', '`Proprietary` is no licence that SPDX knows'],
  ['MIT OR', 'nothing follows `OR`'],
  ['OR MIT', '`OR` stands where a licence must'],
  ['MIT OR OR MIT', '`OR` stands where a licence must'],
  ['(MIT', 'a parenthesis is not closed'],
  ['MIT)', 'a parenthesis stands where none can'],
  ['()', 'a parenthesis stands where none can'],
  ['MIT (BSD-3-Clause)', 'a parenthesis stands where none can'],
  ['MIT WITH MIT', '`MIT` is no exception that SPDX knows'],
  ['(MIT) WITH Classpath-exception-2.0', '`WITH` must follow a licence'],
  ['MIT WITH (MIT)', 'a parenthesis stands where none can'],
  ['MIT WITH', 'nothing follows `WITH`'],
  ['LicenseRef-', '`LicenseRef-` is no licence that SPDX knows'],
  ['LicenseRef-grüße', '`LicenseRef-grüße` is no licence that SPDX knows'],
  [`${'('.repeat(300)}MIT${')'.repeat(300)}`, 'a parenthesis stands where none can'],
])('%s is none', (text, fault) => {
  expect(readLicenceExpression(text).fault).toBe(fault);
});

it('names what SPDX has replaced', () => {
  expect(readLicenceExpression('GPL-3.0 OR LGPL-2.1+')).toEqual({ deprecated: ['GPL-3.0', 'LGPL-2.1+'] });
});
