"""Runs in the bundle's own interpreter: starts a command some times, and says how long each took and how much memory the largest one held.

measure-run.py NONCE TIMES COMMAND…   One JSON line on standard output.
"""
import os
import resource
import subprocess
import sys
import time

NONCE, TIMES, COMMAND = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
milliseconds, codes = [], []
for _ in range(TIMES):
    start = time.perf_counter()
    codes.append(subprocess.call(COMMAND, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    milliseconds.append(round((time.perf_counter() - start) * 1000))
kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
line = '{"nonce": "%s", "kind": "measured", "milliseconds": %s, "codes": %s, "kilobytes": %d}\n' % (NONCE, milliseconds, codes, kilobytes)
os.write(1, line.encode())
