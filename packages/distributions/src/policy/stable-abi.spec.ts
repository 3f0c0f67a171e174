import { stableAbiFault } from './stable-abi';

it.each([
  ['PyList_New', 2, undefined],
  ['PyType_GetName', 11, undefined],
  ['PyType_GetName', 10, 'is in the stable ABI only since Python 3.11'],
  ['PyObject_GetBuffer', 9, 'is in the stable ABI only since Python 3.11'],
  ['PyUnicode_AsUTF8AndSize', 9, 'is in the stable ABI only since Python 3.10'],
  ['_Py_Dealloc', 2, undefined],
  ['_Py_NoneStruct', 2, undefined],
  ['PyExc_ValueError', 2, undefined],
  ['PyUnicode_AsUTF8', 12, 'is not in the stable ABI'],
  ['_PyObject_GC_New', 9, undefined],
  ['_PyUnicode_Ready', 12, 'is not in the stable ABI'],
  ['PyFrame_GetLasti', 12, 'is not in the stable ABI'],
  ['PyInit_demo', 2, undefined],
  ['PyModExport_demo', 2, undefined],
  ['malloc', 2, undefined],
  ['Pyramid_new', 2, undefined],
  ['pyo3_thing', 2, undefined],
])('%s for Python 3.%s: %s', (symbol, minor, expected) => {
  expect(stableAbiFault(symbol, minor)).toBe(expected);
});
