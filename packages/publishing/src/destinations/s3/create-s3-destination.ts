import { mapConcurrently } from '@waybill/core';
import type { Destination, PublishFile, Release, RemoteFile, TakenBack } from '../../destination';
import { downloadLine } from '../download-line';
import { takeBackCommand } from '../take-back-command';
import { orderOfUpload } from '../order-of-upload';
import { spellingOf } from '../spelling-of';
import { listObjects } from './list-objects';
import { markTakenBack, readMark, standingNames } from './mark-taken-back';
import { isLatest, moveLatest, moveLatestBack } from './move-latest';
import { preflightS3 } from './preflight-s3';
import { proveS3Rights } from './prove-s3-rights';
import { downloadObject, inspectObject, publicUrl, readObject } from './read-object';
import { abortRests } from './resume-upload';
import { latestKey, s3Store, versionPrefix, type S3Config, type S3Store } from './s3-config';
import { uploadWhole } from './upload-object';
import { uploadInParts } from './upload-parts';

const AT_ONCE = 6;

/**
 * S3, R2, MinIO and what else speaks S3. A file stands at `{prefix}/{name}/{version}/{file}` and is never overwritten: writes are conditional.
 * `{prefix}/{name}/latest.json` names the newest release, and is moved last.
 */
export function createS3Destination(config: S3Config): Destination {
  const store = s3Store(config);
  const keyOf = ({ name, version }: Release, file: string): string => `${versionPrefix(store, name, version)}${file}`;
  return {
    id: store.id,
    type: 's3',
    remote: true,
    rights: 'hidden-write',
    identity: `s3 ${new URL(store.bucketUrl).href.toLowerCase().replace(/\/+$/, '')}/${store.prefix}`,
    title: `s3 bucket ${store.bucket}${store.prefix === '' ? '' : `, prefix ${store.prefix}`}`,
    choose: (_, files) => ({ files: orderOfUpload(files), left: [] }),
    preflight: (release, files) => preflightS3(store, release, files),
    inspect: (release, files) => mapConcurrently(files, AT_ONCE, (file) => inspectObject(store, release, file)),
    proveRights: (release, files) => proveS3Rights(store, release, files),
    upload: (release, file, progress) => {
      const send = file.size < store.parts.fromBytes ? uploadWhole : uploadInParts;
      return send(store, keyOf(release, file.name), file, progress);
    },
    finalise: async (release, files) => {
      const inParts = files.filter(({ size }) => size >= store.parts.fromBytes).map(({ name }) => keyOf(release, name));
      return [await moveLatest(store, release), ...(await abortRests(store, inParts))];
    },
    list: (release) => listRelease(store, release),
    download: (release, name) => downloadObject(store, keyOf(release, name)),
    guide: (release, files) => ({ install: installLines(store, release, files), takeBack: takeBackLines(store, release) }),
    spelling: async ({ name, version }) => spellingOf(version, await standingNames(store, name)),
    readTakenBack: (release) => readMark(store, release),
    takeBack: (release) => takeBack(store, release),
  };
}

/** The mark comes first: a run that breaks off behind it leaves a version that nobody publishes again. */
async function takeBack(store: S3Store, release: Release): Promise<TakenBack> {
  const left = await listObjects(store, versionPrefix(store, release.name, release.version));
  if (left.length === 0 && !(await isLatest(store, release))) {
    return { outcome: 'absent', lines: [`nothing of ${release.version} stands in ${store.bucket}`] };
  }
  const marked = await markTakenBack(store, release);
  const moved = await moveLatestBack(store, release);
  const key = latestKey(store, release.name);
  return {
    outcome: 'done',
    lines: [...(moved ?? [`\`${key}\` does not name ${release.version}: nothing to move`]), marked, ...keptLines(store, release, left.length)],
  };
}

async function listRelease(store: S3Store, { name, version }: Release): Promise<readonly RemoteFile[]> {
  const prefix = versionPrefix(store, name, version);
  const keys = await listObjects(store, prefix);
  const found = await mapConcurrently(keys, AT_ONCE, async (key) => ({ key, object: await readObject(store, key) }));
  return found.flatMap(({ key, object }) =>
    object === undefined ? [] : [{ name: key.slice(prefix.length), state: 'same' as const, ...object, ...publicUrl(store, key) }],
  );
}

const endpointArguments = ({ endpoint }: S3Store): string => (endpoint === undefined ? '' : ` --endpoint-url ${endpoint}`);

function installLines(store: S3Store, { name, version }: Release, files: readonly PublishFile[]): readonly string[] {
  const prefix = versionPrefix(store, name, version);
  return files.map((file) => {
    const key = `${prefix}${file.name}`;
    const { url } = publicUrl(store, key);
    return url === undefined ? `aws s3 cp s3://${store.bucket}/${key} .${endpointArguments(store)}` : downloadLine(url, file.name);
  });
}

const takeBackLines = (store: S3Store, release: Release): readonly string[] => [
  takeBackCommand(release),
  `# lets \`${latestKey(store, release.name)}\` name the release before, if it names this one`,
  ...keptLines(store, release, undefined).map((line) => `# ${line}`),
];

const keptLines = (store: S3Store, { name, version }: Release, count: number | undefined): readonly string[] =>
  count === 0
    ? []
    : [
        `${count === undefined ? 'its' : count} files stay: somebody may hold their addresses; to delete them: aws s3 rm --recursive s3://${store.bucket}/${versionPrefix(store, name, version)}${endpointArguments(store)}`,
      ];
