
typedef struct _object PyObject;
extern PyObject *PyImport_ImportModule(const char *), *PyExc_ImportError;
extern void PyErr_Clear(void), PyErr_SetString(PyObject *, const char *);
PyObject *PyInit_hides(void) {
  PyImport_ImportModule("kept_away"); PyErr_Clear();
  PyErr_SetString(PyExc_ImportError, "initialization failed");
  return 0;
}
