import type { HttpClient, HttpResponse } from '@waybill/core';
import { lookUpTicket, type TicketAnswer } from './ticket';

const HASH = { hashType: 2, cdhash: 'ab'.repeat(20) };
const NAME = `2/2/${HASH.cdhash}`;
const ticketOf = (text: string): object => ({ signedTicket: { type: 'BYTES', value: Buffer.from(text).toString('base64') } });

/** Of a server that says the same again and again. */
function ask(text: string, status = 200): Promise<TicketAnswer> {
  const response: HttpResponse = { status, headers: {}, bytes: async () => Buffer.from(text), text: async () => text, async *stream() {} };
  const http = { request: async () => response } as unknown as HttpClient;
  return lookUpTicket({ http, url: 'http://127.0.0.1/', pause: async () => undefined }, HASH);
}

it('takes the ticket of the code that was asked for', async () => {
  const answer = await ask(JSON.stringify({ records: [{ recordName: NAME, fields: ticketOf('s8ch of it') }] }));
  expect('ticket' in answer && answer.ticket.toString()).toBe('s8ch of it');
});

it('says why there is none', async () => {
  const text = JSON.stringify({ records: [{ recordName: NAME, serverErrorCode: 'NOT_FOUND', reason: 'Record not found' }] });
  expect(await ask(text)).toEqual({ missing: 'NOT_FOUND: Record not found' });
  expect(await ask('{"records": []}')).toEqual({ missing: 'no reason given' });
  expect(await ask('down', 503)).toEqual({ missing: 'HTTP 503 down' });
});

it.each([
  ['a page', '<html>sign in</html>', 'no JSON'],
  ['an answer that breaks off', '{"records": [{"recordNa', 'no JSON'],
  ['an answer without a list', '{"records": 5}', 'no list of records'],
  ['nothing', 'null', 'no JSON'],
  ['what is no ticket', JSON.stringify({ records: [{ recordName: NAME, fields: ticketOf('<html>') }] }), 'no ticket'],
  [
    'the ticket of other code',
    JSON.stringify({ records: [{ recordName: `2/2/${'cd'.repeat(20)}`, fields: ticketOf('s8ch of another') }] }),
    'of other code',
  ],
  ['a ticket of nobody knows what', JSON.stringify({ records: [{ fields: ticketOf('s8ch of another') }] }), 'of other code'],
])('refuses %s (`NOTARIZE_ANSWER`)', async (_, text, reason) => {
  await expect(ask(text)).rejects.toMatchObject({ code: 'NOTARIZE_ANSWER', message: expect.stringContaining(reason) as string });
});
