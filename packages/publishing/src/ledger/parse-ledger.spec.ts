import { parseLedger } from './parse-ledger';

const header = '{"record":"header","schema":"waybill/ledger/1","plan":"p","tool":"0.1.0"}\n';

it('reads whole lines and passes over a torn last one', () => {
  expect(parseLedger('', 'l')).toBeUndefined();
  expect(parseLedger('{"record":"hea', 'l')).toBeUndefined();
  const ledger = parseLedger(`${header}{"record":"done","how":"stored","name":"a","sha256":"s"}\n{"record":"do`, 'l');
  expect(ledger).toMatchObject({ header: { plan: 'p' }, records: [{ record: 'done', name: 'a' }] });
});

it.each([
  ['no JSON', `${header}garbage\n`, 2],
  ['no object', `${header}3\n`, 2],
  ['an unknown record', `${header}{"record":"dome"}\n`, 2],
  ['no header', '{"record":"done"}\n', 1],
  ['another schema', header.replace('ledger/1', 'ledger/9'), 1],
])('PUBLISH_LEDGER_DAMAGED: %s', (_, text, line) => {
  expect(() => parseLedger(text, 'l')).toThrow(
    expect.objectContaining({ code: 'PUBLISH_LEDGER_DAMAGED', message: expect.stringContaining(`Line ${line} `) }),
  );
});
