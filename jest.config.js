module.exports = { projects: ['<rootDir>/packages/*/jest.config.js', '<rootDir>/tools/jest.config.js'] };
