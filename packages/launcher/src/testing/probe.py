"""The Python program of the contract suite: `probe -c CODE ARGUMENT…` runs CODE with ARGV, the arguments as bytes; `--exit N` ends with N."""

import os
import sys

if __name__ == "__main__":
    if sys.argv[1:2] == ["--exit"]:
        os._exit(int(sys.argv[2]))
    ARGV = [os.fsencode(argument) for argument in sys.argv[3:]]
    exec(compile(sys.argv[2], "<probe>", "exec"))
