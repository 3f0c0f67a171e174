module.exports = {
  // A global setting of Jest: in a project's own configuration it is not read.
  testTimeout: 180_000,
  projects: ['<rootDir>/packages/*/jest.config.js'],
};
