"""Runs in the bundle's own interpreter: starts a command twice, and says how long each took and how much memory the larger one held.

measure-run.py NONCE COMMAND…   One JSON line on standard output.
"""
import os
import resource
import subprocess
import sys
import time

NONCE, COMMAND = sys.argv[1], sys.argv[2:]
milliseconds, codes = [], []
for _ in range(2):
    start = time.perf_counter()
    codes.append(subprocess.call(COMMAND, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    milliseconds.append(round((time.perf_counter() - start) * 1000))
kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
line = '{"nonce": "%s", "kind": "measured", "milliseconds": %s, "codes": %s, "kilobytes": %d}\n' % (NONCE, milliseconds, codes, kilobytes)
os.write(1, line.encode())
