/** What an S3 store refuses. `said` is the store's own code and sentence. */
export const s3ErrorTexts = {
  PUBLISH_S3_ANSWER: (a: { id: string; address: string; actual: string }) => ({
    message: `What answers for the destination \`${a.id}\` is no store that speaks S3`,
    details: [`asked ${a.address} for a list of objects`, `actual ${a.actual}`],
    fix: 'correct `endpoint`, or the variable that it comes from: the address of the S3 API, not that of a console or of what is public',
  }),
  PUBLISH_S3_BUCKET: (a: { id: string; bucket: string; said: string }) => ({
    message: `There is no bucket \`${a.bucket}\` for the destination \`${a.id}\``,
    details: [a.said],
    fix: 'make the bucket, or correct the variable that `bucketEnv` names, or the endpoint',
  }),
  PUBLISH_S3_CLOCK: (a: { id: string; said: string }) => ({
    message: `The clock of this machine and that of the destination \`${a.id}\` differ too much`,
    details: [a.said],
    fix: 'set the clock of this machine by a time service, then run it again',
  }),
  PUBLISH_S3_CREDENTIALS: (a: { id: string; said: string; expired: boolean }) => ({
    message: `The destination \`${a.id}\` does not take the ${a.expired ? 'session token: it is expired or broken' : 'access key and its secret'}`,
    details: [a.said],
    fix: a.expired
      ? 'get new temporary credentials and set the variables again'
      : 'correct the values of the variables that `accessKeyIdEnv` and `secretAccessKeyEnv` name',
  }),
  PUBLISH_S3_DIGEST: (a: { id: string; action: string; said: string }) => ({
    message: `Other bytes than were sent arrived at the destination \`${a.id}\` on the attempt to ${a.action}; nothing was stored`,
    details: [a.said],
    fix: 'run it again; if it stays, something between here and the store changes what is sent',
  }),
  PUBLISH_S3_ETAG: (a: { id: string; key: string }) => ({
    message: `The destination \`${a.id}\` gives \`${a.key}\` without an ETag: it could be moved over what another publish has just written`,
    fix: 'let the endpoint be the store itself, not a cache before it, or leave the pointer alone with `latest: []`',
  }),
  PUBLISH_S3_LATEST: (a: { id: string; key: string; reason: string }) => ({
    message: `\`${a.key}\` of the destination \`${a.id}\` could not be moved: ${a.reason}`,
    fix: 'see that no other publish to it is running, then run it again: all files are there already',
  }),
  PUBLISH_S3_REFUSED: (a: { id: string; action: string; said: string }) => ({
    message: `The destination \`${a.id}\` refuses to ${a.action}`,
    details: [a.said],
    fix: 'do what the store says, then run it again: what arrived is not sent twice',
  }),
  PUBLISH_S3_REGION: (a: { id: string; region: string; right?: string; said: string }) => ({
    message: `The bucket of the destination \`${a.id}\` is not in the region \`${a.region}\``,
    details: [...(a.right === undefined ? [] : [`expected \`${a.right}\``, `actual \`${a.region}\``]), a.said],
    fix: a.right === undefined ? 'correct `region` (`auto` for R2)' : `set \`region\` to \`${a.right}\``,
  }),
  PUBLISH_S3_RIGHTS: (a: { id: string; bucket: string; action: string; said: string }) => ({
    message: `The access key of the destination \`${a.id}\` has no right to ${a.action}`,
    details: [a.said],
    fix: `give it \`s3:ListBucket\`, \`s3:ListBucketMultipartUploads\`, \`s3:GetObject\`, \`s3:PutObject\`, \`s3:AbortMultipartUpload\` and \`s3:ListMultipartUploadParts\` on \`${a.bucket}\``,
  }),
  PUBLISH_S3_SETTING: (a: { id: string; what: string; value: string; reason: string }) => ({
    message: `The ${a.what} \`${a.value}\` of the destination \`${a.id}\` cannot be used: ${a.reason}`,
    fix: `correct \`${a.what}\`, or the variable that it comes from`,
  }),
  PUBLISH_S3_SIZE: (a: { id: string; name: string; size: number; limit: number }) => ({
    message: `\`${a.name}\` is larger than the destination \`${a.id}\` takes`,
    details: [`expected at most ${a.limit} bytes`, `actual ${a.size} bytes`],
    fix: 'make it smaller, or leave this destination out with `--skip=<id>`',
  }),
};
