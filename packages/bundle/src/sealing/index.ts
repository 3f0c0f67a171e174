export { archiveFolder } from './archive-folder';
export { formatSize } from './format-size';
export { largestFolders, type FolderSize } from './largest-folders';
export { leakScanner, type LeakPlace } from './leak-scanner';
export { sealAndArchive, type SealedBundle, type SealRequest } from './seal-and-archive';
