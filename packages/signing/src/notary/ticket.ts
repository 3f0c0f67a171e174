import { networkErrorCodes, WaybillError, type HttpClient, type HttpResponse } from '@waybill/core';
import { notarizeErrors } from '../errors/notarize-errors';
import { parseAnswer, pauseBehind } from './notary-request';

/** A code directory as tickets know it. */
export interface CodeHash {
  /** As numbered in code directories: 1 SHA-1, 2 SHA-256. */
  hashType: number;
  /** 40 digits, lower-case hex. */
  cdhash: string;
}

export interface TicketService {
  http: HttpClient;
  url: string;
  pause(ms: number): Promise<unknown>;
}

export const TICKET_URL = 'https://api.apple-cloudkit.com/database/1/com.apple.gk.ticket-delivery/production/public/records/lookup';

/** Tickets reach the servers that give them out some minutes after the service has said yes. */
const TRIES = 8;
const TICKET_MAGIC = Buffer.from('s8ch');
const SHOWN_CHARACTERS = 300;
const MOST_TICKET_BYTES = 16 * 1024 * 1024;

/** `missing`: why there is none, in the words of who was asked. */
export type TicketAnswer = { ticket: Buffer } | { missing: string };

/** The ticket that macOS asks for when the code is started for the first time. Outages and tickets that are not there yet are waited for. `NOTARIZE_ANSWER`. */
export async function lookUpTicket(service: TicketService, hash: CodeHash): Promise<TicketAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await ask(service, hash);
    if ('ticket' in found || attempt >= TRIES) return found;
    await service.pause(pauseBehind(attempt));
  }
}

async function ask({ http, url }: TicketService, { hashType, cdhash }: CodeHash): Promise<TicketAnswer> {
  const recordName = `2/${hashType}/${cdhash}`;
  const body = Buffer.from(JSON.stringify({ records: [{ recordName }] }));
  let response: HttpResponse;
  try {
    response = await http.request({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body, asks: true });
  } catch (error) {
    if (error instanceof WaybillError && networkErrorCodes.includes(error.code)) return { missing: error.message };
    throw error;
  }
  const text = await response.text(MOST_TICKET_BYTES);
  return response.status === 200 ? ticketIn(text, recordName) : { missing: `HTTP ${response.status} ${text.slice(0, SHOWN_CHARACTERS)}`.trim() };
}

/** `recordName`: of the code that was asked for. */
function ticketIn(text: string, recordName: string): TicketAnswer {
  const action = 'give a ticket';
  const refuse = (reason: string): Error => notarizeErrors.error('NOTARIZE_ANSWER', { action, reason });
  if (!text.trimStart().startsWith('{')) throw refuse('it is no JSON');
  const { records } = parseAnswer(text, action) as { records?: unknown };
  if (!Array.isArray(records)) throw refuse('it has no list of records');
  const [record] = records as readonly (TicketRecord | undefined)[];
  const value = record?.fields?.signedTicket?.value;
  if (typeof value !== 'string')
    return { missing: [record?.serverErrorCode, record?.reason].filter((part) => typeof part === 'string').join(': ') || 'no reason given' };
  if (record?.recordName !== recordName) throw refuse('the ticket is that of other code');
  const ticket = Buffer.from(value, 'base64');
  if (!ticket.subarray(0, TICKET_MAGIC.length).equals(TICKET_MAGIC)) throw refuse('what it holds is no ticket');
  return { ticket };
}

interface TicketRecord {
  recordName?: unknown;
  fields?: { signedTicket?: { value?: unknown } };
  serverErrorCode?: unknown;
  reason?: unknown;
}
