export { archiveFolder } from './archive-folder';
export { formatSize } from './format-size';
export { largestFolders, type FolderSize } from './largest-folders';
export { sealAndArchive, type LeakPlace, type SealedBundle, type SealRequest } from './seal-and-archive';
