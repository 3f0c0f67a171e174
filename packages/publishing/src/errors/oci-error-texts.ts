/** What an OCI registry refuses. `said` is the registry's own code and sentence. */
export const ociErrorTexts = {
  PUBLISH_OCI_ANSWER: (a: { id: string; repository: string; actual: string }) => ({
    message: `What answers for the destination \`${a.id}\` is no registry`,
    details: [`asked for the tags of \`${a.repository}\``, `actual ${a.actual}`],
    fix: 'correct `repository`, or the variable that it comes from: `host[:port]/path` of a registry of OCI artifacts',
  }),
  PUBLISH_OCI_CHALLENGE: (a: { id: string; challenge: string }) => ({
    message: `The registry of the destination \`${a.id}\` asks for credentials in a way that is not known`,
    details: [`expected \`Bearer\` or \`Basic\``, `actual \`${a.challenge}\``],
    fix: 'check that `repository` names a registry; if it does, please report this',
  }),
  PUBLISH_OCI_CREDENTIALS: (a: { id: string; given: boolean; said: string }) => ({
    message: a.given
      ? `The registry of the destination \`${a.id}\` does not take the user name and password`
      : `The registry of the destination \`${a.id}\` asks for credentials, and none are given`,
    details: [a.said],
    fix: 'set the variables that `usernameEnv` and `passwordEnv` name to a user and a token that may push',
  }),
  PUBLISH_OCI_DIGEST: (a: { id: string; what: string; expected: string; actual: string }) => ({
    message: `The registry of the destination \`${a.id}\` has other bytes of ${a.what} than were sent`,
    details: [`expected ${a.expected}`, `actual ${a.actual}`],
    fix: 'run it again; if it stays, something between here and the registry changes what is sent',
  }),
  PUBLISH_OCI_LATEST: (a: { id: string; repository: string; actual: string }) => ({
    message: `The tag \`latest\` of \`${a.repository}\` (destination \`${a.id}\`) names something that is no release: people who pull it would get another thing`,
    details: [`actual ${a.actual}`],
    fix: 'publish to a repository of its own, or leave that tag alone with `latest: []`',
  }),
  PUBLISH_OCI_MANIFEST: (a: { id: string; tag: string; reason: string }) => ({
    message: `What stands under \`${a.tag}\` at the destination \`${a.id}\` cannot be read: ${a.reason}`,
    fix: 'see what it is (`oras manifest fetch`), and publish to another repository',
  }),
  PUBLISH_OCI_REFERRERS: (a: { id: string; subject: string; place: string }) => ({
    message: `The signatures do not show at the release of the destination \`${a.id}\`, although the registry took them`,
    details: [`expected that they point at ${a.subject}`, `actual ${a.place} does not name them`],
    fix: 'see that no other publish to it is running, then run it again; the release itself and its signatures are there',
  }),
  PUBLISH_OCI_REFUSED: (a: { id: string; action: string; said: string }) => ({
    message: `The registry of the destination \`${a.id}\` refuses to ${a.action}`,
    details: [a.said],
    fix: 'do what the registry says, then run it again: what arrived is not sent twice',
  }),
  PUBLISH_OCI_RIGHTS: (a: { id: string; repository: string; action: string; said: string }) => ({
    message: `The credentials of the destination \`${a.id}\` give no right to ${a.action}`,
    details: [a.said],
    fix: `give the user or token the right to pull from and push to \`${a.repository}\`; where repositories are made by hand, make it`,
  }),
  PUBLISH_OCI_SETTING: (a: { id: string; repository: string; reason: string }) => ({
    message: `The repository \`${a.repository}\` of the destination \`${a.id}\` cannot be used: ${a.reason}`,
    fix: 'give `repository` as `host[:port]/path`, in lower case, without a tag',
  }),
  PUBLISH_OCI_TAG: (a: { id: string; tag: string; expected: string; actual: string }) => ({
    message: `The tag \`${a.tag}\` stands already at the destination \`${a.id}\` and holds something else`,
    details: [`expected ${a.expected}`, `actual ${a.actual}`],
    fix: 'release a new version; a tag that others may have pulled is never moved',
  }),
};
