/** What few runs use: most find their tools on PATH, or need none. */
export { provisionLibrary } from './provision-library';
export { provisionTool } from './provision-tool';
