/**
 * Apple’s notary service with its bucket and the servers that give tickets out, in memory. Refuses what the real one refuses: tokens that are not ES256 by the
 * known key, for another audience, too old or living too long, bodies that lack something, a token sent to where logs lie.
 */
import { createHash, randomUUID, verify } from 'node:crypto';
import { bodyOf, listen } from './loopback.mjs';
import { startS3 } from './s3-server.mjs';

const MOST_LIFE_SECONDS = 20 * 60;
const SKEW_SECONDS = 60;
const AGREEMENT = [
  'FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED',
  'A required agreement is missing or has expired.',
  'This request requires an in-effect agreement that has not been signed or has expired.',
];
const UNAUTHORIZED = [
  'NOT_AUTHORIZED',
  'Authentication credentials are missing or invalid.',
  'Provide a properly configured and signed bearer token, and make sure that it has not expired.',
];

/**
 * @param {{ publicKey: import('node:crypto').KeyObject, keyId: string, issuer: string, nowMs?: () => number, inProgress?: number, logDelay?: number,
 *   agreement?: boolean, judge?: (submission: { name: string, sha256: string, bytes: Buffer }) => { status: string, issues?: object[], cdhashes?: string[] },
 *   logSha256?: string, ticketDelay?: number, hasTicket?: (cdhash: string) => boolean, minPartBytes?: number,
 *   holds?: (request: string) => boolean, unsignedBodies?: boolean }} options
 *   `holds`: requests that are never answered, although what they ask for is done (an upload is not); `inProgress`: answers `In Progress` behind the upload; `logDelay`: 404 of a log that is to come; `ticketDelay`: lookups that find nothing yet
 */
export async function startNotary(options) {
  const service = {
    ...{
      nowMs: Date.now,
      inProgress: 1,
      logDelay: 0,
      ticketDelay: 0,
      agreement: false,
      judge: () => ({ status: 'Accepted' }),
      hasTicket: () => true,
    },
    ...options,
    submissions: new Map(),
    requests: [],
    /** What the judge has seen, each time: digests of uploads. */
    judged: [],
  };
  const { nowMs, minPartBytes, unsignedBodies = false } = service;
  const s3Keys = { accessKeyId: 'ASIASTANDIN', secretAccessKey: 'temporary/secret+of=bucket', sessionToken: 'session/token+of=bucket' };
  const holds = (text) => service.holds?.(text) === true;
  const s3 = await startS3({
    bucket: 'notary-submissions-prod',
    region: 'us-west-2',
    nowMs,
    holds,
    unsignedBodies,
    ...(minPartBytes && { minPartBytes }),
    ...s3Keys,
  });
  const { url, stop } = await listen(async (request, response) => {
    const body = await bodyOf(request);
    service.requests.push(`${request.method} ${request.url}`);
    const answer = route(service, request, body);
    if (service.holds?.(`${request.method} ${request.url}`)) return;
    response.writeHead(answer.status ?? 200, { date: new Date(nowMs()).toUTCString(), 'content-type': 'application/json', ...answer.headers });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? errorsOf(answer)));
  });
  const all = async () => {
    await stop();
    await s3.stop();
  };
  return Object.assign(service, {
    ...{ url, s3, s3Keys, bucketUrl: s3.url, notaryUrl: `${url}/notary/v2/submissions`, ticketUrl: `${url}/tickets/lookup`, stop: all },
  });
}

const errorsOf = ({ status, said: [code, title, detail] }) => ({ errors: [{ id: randomUUID(), status: String(status), code, title, detail }] });
const refused = (status, ...said) => ({ status, said });

function route(service, request, body) {
  const { pathname } = new URL(request.url, 'http://x');
  if (pathname === '/tickets/lookup') return ticket(service, request, body);
  if (pathname.startsWith('/logs/')) return logFile(service, request, pathname.slice('/logs/'.length));
  const refusal = judgeToken(service, request.headers.authorization ?? '');
  if (refusal) return refusal;
  if (service.agreement) return refused(403, ...AGREEMENT);
  const [, , , , id, more] = pathname.split('/');
  if (!pathname.startsWith('/notary/v2/submissions')) return refused(404, 'NOT_FOUND', 'The specified resource does not exist', pathname);
  if (id === undefined) return request.method === 'POST' ? create(service, request, body) : history(service);
  const submission = service.submissions.get(id);
  if (!submission || request.method !== 'GET')
    return refused(404, 'NOT_FOUND', 'The specified resource does not exist', `There is no resource of type 'submissions' with id '${id}'`);
  return more === 'logs' ? logPlace(service, request, submission) : { body: { data: dataOf(state(service, submission)), meta: {} } };
}

function judgeToken({ publicKey, keyId, issuer, nowMs }, header) {
  const no = refused(401, ...UNAUTHORIZED);
  const [, head, claims, signature] = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(header) ?? [];
  if (head === undefined) return no;
  const decode = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const [{ alg, kid, typ }, { iss, iat, exp, aud }] = [decode(head), decode(claims)];
  if (alg !== 'ES256' || typ !== 'JWT' || kid !== keyId || iss !== issuer || aud !== 'appstoreconnect-v1') return no;
  const now = nowMs() / 1_000;
  if (!Number.isInteger(iat) || !Number.isInteger(exp) || exp <= now || iat > now + SKEW_SECONDS || exp > now + MOST_LIFE_SECONDS) return no;
  const bytes = Buffer.from(signature, 'base64url');
  const good = bytes.length === 64 && verify('sha256', Buffer.from(`${head}.${claims}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes);
  return good ? undefined : no;
}

function create(service, request, body) {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    return refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'Unsupported', 'JSON is expected');
  const { submissionName, sha256, ...rest } = JSON.parse(body.toString());
  const wrong = typeof submissionName !== 'string' || submissionName === '' || !/^[0-9a-f]{64}$/.test(sha256 ?? '');
  if (wrong || Object.keys(rest).some((name) => name !== 'notifications'))
    return refused(400, 'PARAMETER_ERROR.INVALID', 'A parameter has an invalid value', 'submissionName, sha256');
  const id = randomUUID();
  const object = `prod/AROASTANDIN:${id}/${id}`;
  const createdDate = new Date(service.nowMs() + service.submissions.size).toISOString();
  service.submissions.set(id, { id, name: submissionName, sha256, object, createdDate, asked: 0, logsAsked: 0 });
  const { accessKeyId, secretAccessKey, sessionToken } = service.s3Keys;
  const attributes = {
    awsAccessKeyId: accessKeyId,
    awsSecretAccessKey: secretAccessKey,
    awsSessionToken: sessionToken,
    bucket: service.s3.bucket,
    object,
  };
  return { body: { data: { type: 'newSubmissions', id, attributes }, meta: {} } };
}

/** Nothing happens before the bytes are there, and then not at once. */
function state(service, submission) {
  const bytes = service.s3.objects.get(submission.object)?.bytes;
  if (bytes === undefined || submission.verdict) return submission;
  submission.asked += 1;
  if (submission.asked <= service.inProgress) return submission;
  submission.actual = createHash('sha256').update(bytes).digest('hex');
  service.judged.push(submission.actual);
  submission.verdict = service.judge({ ...submission, bytes });
  return submission;
}

const dataOf = ({ id, name, createdDate, verdict }) => ({
  id,
  type: 'submissions',
  attributes: { createdDate, name, status: verdict?.status ?? 'In Progress' },
});

const history = (service) => ({ body: { data: [...service.submissions.values()].slice(-100).map(dataOf), meta: {} } });

function logPlace(service, request, submission) {
  submission.logsAsked += 1;
  if (!submission.verdict || submission.logsAsked <= service.logDelay)
    return refused(404, 'NOT_FOUND', 'The specified resource does not exist', 'The log is not available yet');
  const developerLogUrl = `http://${request.headers.host}/logs/${submission.id}?X-Amz-Signature=once`;
  return { body: { data: { id: submission.id, type: 'submissionsLog', attributes: { developerLogUrl } }, meta: {} } };
}

function logFile(service, request, id) {
  if (request.headers.authorization !== undefined) return refused(400, 'InvalidArgument', 'Only one auth mechanism allowed', '');
  const { name, actual, createdDate, verdict } = service.submissions.get(id);
  const { status, issues = null, cdhashes = [] } = verdict;
  const words = { Accepted: ['Ready for distribution', 0], Invalid: ['Archive contains critical validation errors', 4000] }[status] ?? [
    'Rejected',
    7000,
  ];
  const ticketContents = status === 'Accepted' ? cdhashes.map((cdhash) => ({ path: name, digestAlgorithm: 'SHA-256', cdhash, arch: 'arm64' })) : null;
  return {
    body: {
      ...{ logFormatVersion: 1, jobId: id, status, statusSummary: words[0], statusCode: words[1], archiveFilename: name, uploadDate: createdDate },
      ...{ sha256: service.logSha256 ?? actual, ticketContents, issues },
    },
  };
}

function ticket(service, request, body) {
  const [{ recordName }] = JSON.parse(body.toString()).records;
  const [, cdhash] = /^2\/[12]\/([0-9a-f]{40})$/.exec(recordName) ?? [];
  if (request.method !== 'POST' || cdhash === undefined) return refused(400, 'BAD_REQUEST', 'bad record name', recordName);
  if (service.ticketDelay > 0 || !service.hasTicket(cdhash)) {
    service.ticketDelay -= 1;
    return { body: { records: [{ recordName, reason: 'Record not found', serverErrorCode: 'NOT_FOUND' }] } };
  }
  const value = Buffer.from(`s8ch stand-in ticket for ${cdhash}`).toString('base64');
  return { body: { records: [{ recordName, recordType: 'DeveloperIDTicket', fields: { signedTicket: { type: 'BYTES', value } } }] } };
}
