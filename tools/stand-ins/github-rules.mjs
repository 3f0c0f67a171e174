/** What GitHub refuses to do with a release (docs.github.com, "Immutable releases"; its answers as users report them). */
export const refusal = (status, message, ...codes) => ({
  status,
  json: { message, errors: codes.map((code) => ({ resource: 'ReleaseAsset', code, field: 'name' })) },
});
export const notFound = refusal(404, 'Not Found');

/** Title, text, prerelease and latest of an immutable release can be changed: its tag, its commit and its being public cannot. */
export function judgeImmutable(release, { tag_name = release.tag_name, draft = false, target_commitish }) {
  if (tag_name === release.tag_name && !draft && target_commitish === undefined) return undefined;
  return refusal(422, 'Cannot change the tag of an immutable release, or make a draft of it', 'custom');
}

export function judgePublish(hub, release, { draft, tag_name = release.tag_name }) {
  if (!release.draft || draft !== false) return undefined;
  if (hub.releases.some((one) => !one.draft && one.tag_name === tag_name)) return refusal(422, 'Validation Failed', 'already_exists');
  return hub.lockedTags.has(tag_name) ? tagUsed : undefined;
}

/** The tag of an immutable release stays locked when the release is gone. */
export const tagUsed = {
  status: 422,
  json: {
    message: 'Validation Failed',
    errors: [{ resource: 'Release', code: 'custom', field: 'tag_name', message: 'tag_name was used by an immutable release' }],
  },
};
