import type { PublishFile, Release, TakenBack } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { changeRelease } from './change-release';
import { findRelease, listAssets, tagOf, type GithubAsset } from './find-release';
import type { GithubRepository } from './github-config';
import { isOwn } from './inspect-assets';
import { judgeTag } from './judge-tag';
import { filesInBody, filesInSection, hasMark, hasSection, markOf, withFiles, withSection } from './release-body';
import { deleteAsset } from './upload-asset';

/**
 * Makes the draft public, last of all. One that others fill too stays a draft until all of them have ended, and says whom it waits for. What is public
 * already gets the text, if it has another; one of which a project was taken back stays what that made of it. GitHub itself decides what `latest` is.
 */
export async function publishDraft(
  github: GithubRepository,
  release: Release,
  files: readonly PublishFile[],
  text: string,
): Promise<readonly string[]> {
  const tag = tagOf(release);
  const found = await findRelease(github, tag);
  if (found === undefined)
    throw publishingErrors.error('PUBLISH_GITHUB_REFUSED', { id: github.id, action: `publish \`${tag}\``, said: 'there is no draft of it' });
  const prerelease = !found.draft && hasMark(found.body ?? '') ? found.prerelease : release.channel === 'prerelease';
  const names = files.map(({ name }) => name);
  const body = withFiles(found.body ?? '', release.name, text, names);
  const waits = found.draft ? whatItWaitsFor(github, body, await listAssets(github, found)) : [];
  if (waits.length > 0) {
    if (!sameText(found.body, body)) await changeRelease(github, found, { body }, `write the text of \`${tag}\``);
    return [`the draft ${found.html_url} is not public yet: it waits for ${waits.join(', ')}`];
  }
  if (!found.draft && found.prerelease === prerelease && sameText(found.body, body)) return [`${found.html_url} is public`];
  if (found.draft) await judgeTag(github, release);
  const change = { tag_name: tag, draft: false, prerelease, body, make_latest: prerelease ? 'false' : 'legacy' };
  await changeRelease(github, found, change, `publish \`${tag}\``);
  const now = await findRelease(github, tag);
  return [`${now?.html_url ?? found.html_url} is public`];
}

/** Files in a draft that no project has ended with and that `sharedWith` does not explain: without somebody's help it stays a draft. */
export async function strangeFiles(github: GithubRepository, release: Release): Promise<string | undefined> {
  const found = await findRelease(github, tagOf(release));
  if (found?.draft !== true) return undefined;
  const known = new Set(filesInBody(found.body ?? ''));
  const expected = (file: string): boolean => github.sharedWith.some((name) => isOwn({ name, version: release.version }, file));
  const names = (await listAssets(github, found)).map(({ name }) => name).filter((name) => !known.has(name) && !expected(name));
  if (names.length === 0) return undefined;
  const files = names.map((name) => `\`${name}\``).join(', ');
  return `the draft ${found.html_url} stays a draft: it holds ${files} of nobody who has ended; publish that project to its end, or delete what is left of it, then run this again`;
}

/** Projects that share the release and have not ended their part, and files of nobody who has: another project is at work on them, or gave up. */
function whatItWaitsFor({ sharedWith }: GithubRepository, body: string, assets: readonly GithubAsset[]): readonly string[] {
  const known = new Set(filesInBody(body));
  const others = sharedWith.filter((name) => !hasSection(body, name) && !hasSection(body, markOf(name)));
  const strange = assets.map(({ name }) => name).filter((name) => !known.has(name));
  const files = strange.map((name) => `\`${name}\``).join(', ');
  return [
    ...others.map((name) => `the project \`${name}\``),
    ...(strange.length === 0 ? [] : [`whoever sent ${files} (publish that project to its end, or delete what is left of it)`]),
  ];
}

const sameText = (one: string | null, other: string): boolean => (one ?? '').replaceAll('\r\n', '\n').trim() === other.trim();

/** By the section that taking back writes into the text of the release. */
export async function readMark(github: GithubRepository, release: Release): Promise<string | undefined> {
  const found = await findRelease(github, tagOf(release));
  return found && hasSection(found.body ?? '', markOf(release.name)) ? `the text of ${found.html_url} says so` : undefined;
}

/**
 * It is marked, because somebody may hold what is public, and GitHub may not let it go. A draft loses this project's files and stays, so that nobody
 * publishes it again: of other projects it may hold more.
 */
export async function takeReleaseBack(github: GithubRepository, release: Release): Promise<TakenBack> {
  const tag = tagOf(release);
  const found = await findRelease(github, tag);
  if (found === undefined) return { outcome: 'absent', lines: [`there is no release of \`${tag}\``] };
  const note = `**${release.name} ${release.version} was taken back: do not use it.**`;
  const body = withSection(found.body ?? '', markOf(release.name), note);
  if (!found.draft) {
    await changeRelease(github, found, { prerelease: true, make_latest: 'false', body }, `mark \`${tag}\``);
    return { outcome: 'done', lines: [`${found.html_url} says that it was taken back, is a prerelease and is not the latest`, 'its files stay'] };
  }
  await changeRelease(github, found, { body }, `mark the draft of \`${tag}\``);
  const listed = filesInSection(body, release.name);
  const own = (await listAssets(github, found)).filter(({ name }) => isOwn(release, name) || listed.includes(name));
  for (const asset of own) await deleteAsset(github, asset);
  return { outcome: 'done', lines: [`the draft of \`${tag}\` says that it was taken back, and its files were deleted; it was never public`] };
}
