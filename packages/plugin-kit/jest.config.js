module.exports = { ...require('../../jest.preset.js'), displayName: 'plugin-kit', rootDir: __dirname };
