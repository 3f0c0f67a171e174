module.exports = {
  // A global setting of Jest: in a project's own configuration it is not read. It ends what hangs; a slow machine must not meet it.
  testTimeout: process.env.WAYBILL_TEST_FULL === '1' ? 7_200_000 : 600_000,
  projects: ['<rootDir>/packages/*/jest.config.js'],
};
