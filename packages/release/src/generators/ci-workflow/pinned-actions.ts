/** Actions by the commit of a release; the version stands behind it as a comment, where tools that keep pins up to date look for it. */
export const ACTIONS = {
  checkout: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  setupNode: 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0',
  setupPython: 'actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0',
  upload: 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0',
  download: 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1',
} as const;

/** GitHub's hosted runners, by platform. */
export const RUNNERS: Readonly<Record<string, string>> = {
  'linux-x86_64': 'ubuntu-24.04',
  'linux-aarch64': 'ubuntu-24.04-arm',
  'macos-aarch64': 'macos-15',
  'macos-universal2': 'macos-15',
  'macos-x86_64': 'macos-15-intel',
  'windows-x86_64': 'windows-2025',
  'windows-aarch64': 'windows-11-arm',
};

/** Tags of GitLab's hosted runners, by platform; none takes the default one. */
export const GITLAB_RUNNERS: Readonly<Record<string, string>> = { 'linux-x86_64': '', 'linux-aarch64': 'saas-linux-small-arm64' };

/** Platform of a target whose name says its system alone. */
export const MAIN_PLATFORMS: Readonly<Record<string, string>> = { linux: 'linux-x86_64', macos: 'macos-aarch64', windows: 'windows-x86_64' };
