export * from './check-catalog';
export * from './compile-core';
export * from './skip-unless';
export * from './temporary-folder';
