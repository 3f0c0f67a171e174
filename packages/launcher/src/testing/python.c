/* The interpreter's program, linked anew so that it finds libpython beside itself. */
extern int Py_BytesMain(int, char **);

int main(int argc, char **argv) { return Py_BytesMain(argc, argv); }
