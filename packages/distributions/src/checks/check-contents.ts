import { normaliseDistribution } from '@waybill/artifacts';
import type { FindingLevel } from '@waybill/core';
import type { MemberFacts, WheelFacts } from '../distribution-facts';
import { parseWheelName } from '../names/wheel-name';
import type { DistributionCheck, FindingList } from './finding-list';

interface Stray {
  pattern: RegExp;
  message: string;
  level: FindingLevel;
}

/** What no distribution should hold anywhere. */
const STRAYS: readonly Stray[] = [
  { pattern: /(^|\/)__pycache__(\/|$)|\.py[co]$/, message: 'is byte code of the machine that built', level: 'error' },
  { pattern: /(^|\/)\.(git|hg|svn|bzr)(\/|$)/, message: 'is of version control', level: 'error' },
  { pattern: /(^|\/)(\.venv|node_modules|\.tox|\.nox|\.mypy_cache|\.pytest_cache|\.ruff_cache)(\/|$)/, message: 'is of a tool', level: 'error' },
  {
    // uv_build and cargo keep the manifest that they rewrite as `.orig`
    pattern: /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|(?!(?:pyproject|Cargo)\.toml\.)[^/]+\.(orig|rej|swp)|[^/]+~)$/,
    message: 'was left by an editor or desktop',
    level: 'warning',
  },
];
/** Names that hold credentials, whatever is in them. */
const SECRETS =
  /(^|\/)(\.env|\.env\.(local|production|development)|\.pypirc|\.netrc|\.npmrc|\.htpasswd|id_(rsa|dsa|ecdsa|ed25519)|\.aws\/credentials|[^/]+\.(p12|pfx|keystore|jks))$/;
/** Where such names are samples: they are told, and stop nothing. */
const SAMPLES = /(^|\/)(tests?|testing|test_[^/]*|fixtures?|examples?|docs?|templates?|samples?)\//i;

/** Stray files and secrets, in wheels and sdists. */
export function checkStrays(members: readonly MemberFacts[], list: FindingList, check: DistributionCheck = 'contents'): void {
  for (const { pattern, message, level } of STRAYS) {
    const paths = members.map(({ path }) => path).filter((path) => pattern.test(path));
    list.each(paths, (path) => list.add(level, check, path, `The file ${message}`, { fix: 'exclude it in the settings of the backend' }), check);
  }
  for (const { path } of members.filter((member) => SECRETS.test(member.path))) {
    const level = SAMPLES.test(path) ? 'info' : 'error';
    list.add(level, check, path, 'The name is one of files that hold credentials', {
      fix: 'exclude it in the settings of the backend, and change what it holds',
    });
  }
}

/** Folders and modules that lie beside the packages of all other distributions, where they do not belong. */
const FOREIGN_TOPS =
  /^(tests?|testing|docs?|documentation|examples?|benchmarks?|build|dist|ci|tools|htmlcov|_build|\.github|\.circleci|\.vscode|\.idea)$/;
const FOREIGN_MODULES = /^(setup|conftest|noxfile|tasks|fabfile|versioneer|test_[^/]*|[^/]*_test)\.py$/;
/** Any other distribution may have them too; then the last one installed wins. */
const COMMON = new Set(
  'utils util common helpers helper lib libs core config settings constants types models main app src scripts script data test_utils'.split(' '),
);

/** `contents` of a wheel: only what this distribution should install, and something at all. */
export function checkWheelContents(facts: WheelFacts, list: FindingList): void {
  const own = parseWheelName(facts.fileName)?.distribution;
  const installed = facts.members.filter(({ path }) => !/^[^/]+\.(dist-info|data)(\/|$)/.test(path));
  for (const { path, kind } of facts.members.filter(({ kind: one }) => one !== 'file' && one !== 'directory')) {
    list.error('contents', path, `The member is a ${kind}, which a wheel cannot hold`, { fix: 'put the file itself into the wheel' });
  }
  checkStrays(facts.members, list);
  const tops = new Set(installed.map(({ path }) => path.split('/', 1)[0]!));
  for (const top of tops) {
    const isFile = installed.some(({ path }) => path === top);
    if (normaliseDistribution(top.replace(/\.py$/, '')) === own) continue;
    if ((!isFile && FOREIGN_TOPS.test(top)) || (isFile && FOREIGN_MODULES.test(top)) || /\.egg-info$/.test(top)) {
      list.error('contents', top, 'The wheel installs it beside the packages of all other distributions', {
        fix: 'exclude it in the settings of the backend, or move it into the package',
      });
    }
  }
  for (const top of facts.topLevels.filter((name) => COMMON.has(name) && normaliseDistribution(name) !== own)) {
    list.warning('contents', top, 'Other distributions are likely to install a module of this name too; the last one installed wins', {
      fix: 'put it into the package',
    });
  }
  if (!facts.members.some(({ path, kind }) => kind === 'file' && !/^[^/]+\.dist-info\//.test(path))) {
    list.warning('contents', undefined, 'The wheel installs nothing', { fix: 'tell the backend which packages to include' });
  }
}
