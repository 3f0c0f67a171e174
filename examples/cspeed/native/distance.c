/* Levenshtein's distance of two texts. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static Py_ssize_t smallest(Py_ssize_t a, Py_ssize_t b, Py_ssize_t c)
{
    Py_ssize_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* `row` has place for one number more than `right` has characters; afterwards its last one is the distance. */
static void fill_row(PyObject *left, PyObject *right, Py_ssize_t *row)
{
    Py_ssize_t rows = PyUnicode_GET_LENGTH(left), columns = PyUnicode_GET_LENGTH(right);
    for (Py_ssize_t column = 0; column <= columns; column++)
        row[column] = column;
    for (Py_ssize_t line = 1; line <= rows; line++) {
        Py_ssize_t diagonal = row[0];
        row[0] = line;
        for (Py_ssize_t column = 1; column <= columns; column++) {
            int differs = PyUnicode_READ_CHAR(left, line - 1) != PyUnicode_READ_CHAR(right, column - 1);
            Py_ssize_t above = row[column];
            row[column] = smallest(above + 1, row[column - 1] + 1, diagonal + differs);
            diagonal = above;
        }
    }
}

static PyObject *distance(PyObject *module, PyObject *arguments)
{
    PyObject *left, *right;
    if (!PyArg_ParseTuple(arguments, "UU:distance", &left, &right))
        return NULL;
    Py_ssize_t columns = PyUnicode_GET_LENGTH(right);
    Py_ssize_t *row = PyMem_New(Py_ssize_t, columns + 1);
    if (row == NULL)
        return PyErr_NoMemory();
    fill_row(left, right, row);
    PyObject *result = PyLong_FromSsize_t(row[columns]);
    PyMem_Free(row);
    return result;
}

static PyMethodDef functions[] = {
    {"distance", distance, METH_VARARGS, "How many characters must be added, removed or replaced to turn one text into the other."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_distance", .m_size = 0, .m_methods = functions};

PyMODINIT_FUNC PyInit__distance(void)
{
    return PyModuleDef_Init(&definition);
}
