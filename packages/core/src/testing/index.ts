export * from './check-catalog';
export * from './compile-core';
export * from './demo-wheel';
export * from './kill-at-call';
export * from './run-core';
export * from './skip-unless';
export * from './temporary-folder';
export * from './version-resource';
