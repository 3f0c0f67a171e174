/*
 * The program of the contract suite: embeds Python as PyO3's `auto-initialize` does (Py_InitializeEx(0), nothing else), and holds no
 * line of Waybill. Needs no headers of Python.
 *
 *   probe -c CODE ARGUMENT…   runs CODE with ARGV, the arguments as bytes
 *   probe --exit N            ends with N, without Python
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void Py_InitializeEx(int);
extern int Py_FinalizeEx(void);
extern int PyRun_SimpleString(const char *);

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--exit") == 0) return atoi(argv[2]);
  if (argc < 3 || strcmp(argv[1], "-c") != 0) return 2;
  size_t size = 64;
  for (int i = 3; i < argc; i++) size += 2 * strlen(argv[i]) + 32;
  char *code = malloc(size), *at = code + sprintf(code, "ARGV = [");
  for (int i = 3; i < argc; i++) {
    at += sprintf(at, "bytes.fromhex('");
    for (const unsigned char *byte = (const unsigned char *)argv[i]; *byte; byte++) at += sprintf(at, "%02x", *byte);
    at += sprintf(at, "'), ");
  }
  strcpy(at, "]");
  Py_InitializeEx(0);
  int failed = PyRun_SimpleString(code) || PyRun_SimpleString(argv[2]);
  return Py_FinalizeEx() < 0 || failed;
}
