module.exports = { ...require('../../jest.preset.js'), displayName: 'distributions', rootDir: __dirname };
