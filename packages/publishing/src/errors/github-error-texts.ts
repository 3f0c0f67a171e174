/** What GitHub refuses. `said` is its own sentence. */
export const githubErrorTexts = {
  PUBLISH_GITHUB_ANSWER: (a: { id: string; apiUrl: string; action: string; actual: string }) => ({
    message: `What answers for the destination \`${a.id}\` is not the API of GitHub`,
    details: [`asked ${a.apiUrl} to ${a.action}`, `actual ${a.actual}`],
    fix: 'correct `apiUrl` (of GitHub Enterprise Server `https://<host>/api/v3`), or look at what stands before it, as a proxy that asks for a login',
  }),
  PUBLISH_GITHUB_ASSET: (a: { id: string; name: string; limit: string; actual: string }) => ({
    message: `\`${a.name}\` cannot be an asset of a release of the destination \`${a.id}\``,
    details: [`expected ${a.limit}`, `actual ${a.actual}`],
    fix: 'change its size or its name to what is expected, or leave this destination out with `--skip=<id>`',
  }),
  PUBLISH_GITHUB_CREDENTIALS: (a: { id: string; said: string }) => ({
    message: `GitHub does not take the token of the destination \`${a.id}\``,
    details: [a.said],
    fix: 'set the variable that `tokenEnv` names to a token that is not expired',
  }),
  PUBLISH_GITHUB_DIGEST: (a: { id: string; name: string; expected: string; actual: string }) => ({
    message: `GitHub has other bytes of \`${a.name}\` than were sent to the destination \`${a.id}\``,
    details: [`expected ${a.expected}`, `actual ${a.actual}`],
    fix: 'delete that asset of the draft, then run it again; if it stays, something between here and GitHub changes what is sent',
  }),
  PUBLISH_GITHUB_DRAFTS: (a: { id: string; tag: string; urls: readonly string[] }) => ({
    message: `There are ${a.urls.length} releases of the tag \`${a.tag}\` at the destination \`${a.id}\``,
    details: a.urls.map((url) => `release ${url}`),
    fix: 'delete all drafts but the one that is to be published, then run it again; two publishes at once make two drafts',
  }),
  PUBLISH_GITHUB_HOST: (a: { id: string; host: string; apiUrl: string }) => ({
    message: `An answer for the destination \`${a.id}\` leads to \`${a.host}\`, which does not get the token`,
    details: [`expected the host of \`${a.apiUrl}\`, or that of its uploads`],
    fix: 'check `apiUrl`: what answers there is not GitHub, or stands before it and does not rewrite its addresses',
  }),
  PUBLISH_GITHUB_IMMUTABLE: (a: { id: string; tag: string; said: string }) => ({
    message: `The release \`${a.tag}\` at the destination \`${a.id}\` is published and immutable: nothing can be added to it`,
    details: [a.said],
    fix: 'release a new version; projects that share a tag name each other in `sharedWith`, so that the draft stays until all are there',
  }),
  PUBLISH_GITHUB_LATE: (a: { id: string; tag: string; names: readonly string[] }) => ({
    message: `The release \`${a.tag}\` at the destination \`${a.id}\` is public already: people see ${a.names.length} more files come one by one`,
    fix: 'projects that share a tag name each other in `sharedWith`, so that the draft stays until all are there',
  }),
  PUBLISH_GITHUB_LIMIT: (a: { id: string; until: string; said: string }) => ({
    message: `GitHub takes no more requests of the token of the destination \`${a.id}\`${a.until === '' ? '' : ` until ${a.until}`}`,
    details: [a.said],
    fix: 'run it again then: what arrived is not sent twice',
  }),
  PUBLISH_GITHUB_REFUSED: (a: { id: string; action: string; said: string }) => ({
    message: `GitHub refuses to ${a.action} for the destination \`${a.id}\``,
    details: [a.said],
    fix: 'do what GitHub says, then run it again: what arrived is not sent twice',
  }),
  PUBLISH_GITHUB_REPOSITORY: (a: { id: string; repository: string; said: string }) => ({
    message: `There is no repository \`${a.repository}\` that the token of the destination \`${a.id}\` can see`,
    details: [a.said],
    fix: 'correct `repository`, or give the token access to it',
  }),
  PUBLISH_GITHUB_RIGHTS: (a: { id: string; repository: string; action: string; said: string }) => ({
    message: `The token of the destination \`${a.id}\` has no right to ${a.action}`,
    details: [a.said],
    fix: `give it \`contents: write\` on \`${a.repository}\` (in a workflow: \`permissions: contents: write\` of that job)`,
  }),
  PUBLISH_GITHUB_SETTING: (a: { id: string; what: string; value: string; expected: string }) => ({
    message: `The ${a.what} \`${a.value}\` of the destination \`${a.id}\` cannot be used`,
    details: [`expected ${a.expected}`],
    fix: `correct \`${a.what}\`, or the variable that it comes from`,
  }),
  PUBLISH_GITHUB_SHARED_NAME: (a: { id: string; name: string; begins: string }) => ({
    message: `\`${a.name}\` may be the name of a file of another project that shares the release at the destination \`${a.id}\``,
    details: [`expected a name that begins with \`${a.begins}\``, `actual \`${a.name}\``],
    fix: 'for `release.json`, give `checksum` of each project the option `"releaseFileName": "{name}-{version}-release.json"`',
  }),
  PUBLISH_GITHUB_TAG: (a: { id: string; tag: string; expected: string; actual: string }) => ({
    message: `The tag \`${a.tag}\` at the destination \`${a.id}\` is not the one that is published`,
    details: [`expected commit ${a.expected}`, `actual ${a.actual}`],
    fix: `push the tag (\`git push origin ${a.tag}\`); one that stands for another commit is never moved: release a new version`,
  }),
  PUBLISH_GITHUB_TAG_USED: (a: { id: string; tag: string; said: string }) => ({
    message: `The tag \`${a.tag}\` at the destination \`${a.id}\` was that of an immutable release that was deleted: GitHub takes it never again`,
    details: [a.said],
    fix: 'release a new version, and delete the draft of this one',
  }),
};
