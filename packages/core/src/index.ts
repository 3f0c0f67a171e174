export * from './errors/waybill-error';
export * from './outcome/finding';
export * from './processes/process-port';
export * from './tools/tool-descriptor';
export * from './files/tree-item';
export * from './archives/archive-entry';
