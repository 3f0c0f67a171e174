export * from './bundle-facts';
export * from './check-table';
