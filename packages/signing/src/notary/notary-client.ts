import { Secret, type HttpResponse } from '@waybill/core';
import { notarizeErrors } from '../errors/notarize-errors';
import { askNotary, parseAnswer, type NotaryWire } from './notary-request';

/** What a submission’s bytes are uploaded with; it lives for 12 hours. */
export interface UploadPlace {
  bucket: string;
  object: string;
  accessKeyId: Secret;
  secretAccessKey: Secret;
  sessionToken: Secret;
}

/** `Accepted`, `In Progress`, `Invalid`, `Rejected`; whatever else it says is not success. */
export interface SubmissionState {
  id: string;
  name: string;
  /** As the service writes it. */
  status: string;
  /** ISO 8601. */
  createdDate: string;
}

export interface NotaryIssue {
  severity: string;
  path: string;
  message: string;
  docUrl?: string;
  architecture?: string;
}

/** The service’s judgement; `text` is the log as it came. */
export interface NotaryLog {
  text: string;
  status: string;
  statusSummary: string;
  /** Of what the service has judged, lower-case hex. */
  sha256: string;
  issues: readonly NotaryIssue[];
  /** Code directories that the ticket covers, lower-case hex. */
  cdhashes: readonly string[];
}

const MOST_LOG_BYTES = 64 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
/** An object in JSON (`NOTARIZE_ANSWER`). */
export const readObject = (text: string, action: string): Fields => fieldsOf(parseAnswer(text, action));
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

function textAt(value: Fields, name: string, action: string): string {
  const text = value[name];
  if (typeof text !== 'string' || text === '') throw notarizeErrors.error('NOTARIZE_ANSWER', { action, reason: `\`${name}\` is missing` });
  return text;
}

/** Makes a submission: its number and where the bytes are to go. */
export async function submit(wire: NotaryWire, { name, sha256 }: { name: string; sha256: string }): Promise<{ id: string; place: UploadPlace }> {
  const action = `submit ${name}`;
  const answer = await askNotary(wire, { method: 'POST', path: '', action, body: { submissionName: name, sha256, notifications: [] } });
  if (answer.status === 404)
    throw notarizeErrors.error('NOTARIZE_REFUSED', { action, status: 404, said: 'there is no notary service at this address' });
  const data = fieldsOf(fieldsOf(answer.json)['data']);
  const attributes = fieldsOf(data['attributes']);
  const secret = (field: string): Secret => new Secret(textAt(attributes, field, action));
  return {
    id: textAt(data, 'id', action),
    place: {
      bucket: textAt(attributes, 'bucket', action),
      object: textAt(attributes, 'object', action),
      accessKeyId: secret('awsAccessKeyId'),
      secretAccessKey: secret('awsSecretAccessKey'),
      sessionToken: secret('awsSessionToken'),
    },
  };
}

/** `undefined`: the service does not know it, or it is another account’s. */
export async function readState(wire: NotaryWire, id: string): Promise<SubmissionState | undefined> {
  const action = `tell the state of submission ${id}`;
  const answer = await askNotary(wire, { method: 'GET', path: `/${encodeURIComponent(id)}`, action });
  return answer.status === 404 ? undefined : stateOf(fieldsOf(fieldsOf(answer.json)['data']), action);
}

/** The last 100 submissions of the account, in no order. */
export async function readHistory(wire: NotaryWire): Promise<readonly SubmissionState[]> {
  const action = 'list submissions';
  const answer = await askNotary(wire, { method: 'GET', path: '', action });
  return answer.status === 404 ? [] : listOf(fieldsOf(answer.json)['data']).map((data) => stateOf(data, action));
}

const stateOf = (data: Fields, action: string): SubmissionState => parseState({ ...fieldsOf(data['attributes']), id: data['id'] }, action);

/** Number, name, date and status, beside each other (`NOTARIZE_ANSWER`). */
export function parseState(value: unknown, action: string): SubmissionState {
  const attributes = fieldsOf(value);
  const [name, createdDate] = [attributes['name'], attributes['createdDate']].map((value) => (typeof value === 'string' ? value : ''));
  return { id: textAt(attributes, 'id', action), status: textAt(attributes, 'status', action), name: name!, createdDate: createdDate! };
}

/** `undefined`: there is none yet. The log itself lies elsewhere, at an address that holds its own permission: no token goes there. */
export async function readLog(wire: NotaryWire, id: string): Promise<NotaryLog | undefined> {
  const action = `tell where the log of submission ${id} is`;
  const answer = await askNotary(wire, { method: 'GET', path: `/${encodeURIComponent(id)}/logs`, action });
  if (answer.status === 404) return undefined;
  const data = fieldsOf(fieldsOf(answer.json)['data']);
  const response = await wire.http.request({ method: 'GET', url: textAt(fieldsOf(data['attributes']), 'developerLogUrl', action) });
  return response.status === 404 ? undefined : parseLog(await bodyOf(response, id));
}

async function bodyOf(response: HttpResponse, id: string): Promise<string> {
  if (response.status !== 200)
    throw notarizeErrors.error('NOTARIZE_REFUSED', { action: `give the log of submission ${id}`, status: response.status, said: '' });
  return response.text(MOST_LOG_BYTES);
}

/** Strict in what decides (status, sha256), lenient in the rest, which is for people. */
export function parseLog(text: string): NotaryLog {
  const action = 'give the log';
  const log = fieldsOf(parseAnswer(text, action));
  const shown = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    text,
    status: textAt(log, 'status', action),
    statusSummary: shown(log['statusSummary']),
    sha256: textAt(log, 'sha256', action).toLowerCase(),
    issues: listOf(log['issues']).map((issue) => ({
      severity: shown(issue['severity']),
      path: shown(issue['path']),
      message: shown(issue['message']),
      ...(typeof issue['docUrl'] === 'string' && { docUrl: issue['docUrl'] }),
      ...(typeof issue['architecture'] === 'string' && { architecture: issue['architecture'] }),
    })),
    cdhashes: listOf(log['ticketContents']).map((entry) => shown(entry['cdhash']).toLowerCase()),
  };
}
