module.exports = { ...require('../../jest.preset.js'), displayName: 'binary', rootDir: __dirname };
