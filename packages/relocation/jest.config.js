module.exports = { ...require('../../jest.preset.js'), displayName: 'relocation', rootDir: __dirname };
