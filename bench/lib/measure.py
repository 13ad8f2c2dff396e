"""Runs a command and reports its cost, with that of every process it started.

Usage: measure.py <report file> <seconds allowed> <command> [argument ...]
The report: {"exitCode", "wallS", "cpuS", "peakBytes"}. wallS ends when the command does. cpuS is user and system time of
the whole tree: orphans (PySpark's JVM outlives the script that started it) are adopted and waited for. peakBytes is the
resident memory of the largest single process of the tree.
"""
import ctypes
import json
import os
import resource
import signal
import sys
import time

PR_SET_CHILD_SUBREAPER = 36

report, seconds, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
if sys.platform == 'linux':
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

# A shell that became this process (a version manager's shim) leaves it the cost of its own children.
before = resource.getrusage(resource.RUSAGE_CHILDREN)
begin = time.monotonic()
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.execvp(command[0], command)


def give_up(*_):
    os.killpg(child, signal.SIGKILL)
    sys.exit('not done after %d s' % seconds)


signal.signal(signal.SIGALRM, give_up)
signal.alarm(seconds)
exit_code = wall = None
while True:
    try:
        pid, status = os.wait()
    except ChildProcessError:
        break
    if pid == child:
        wall = time.monotonic() - begin
        exit_code = os.waitstatus_to_exitcode(status)

used = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
unit = 1 if sys.platform == 'darwin' else 1024
with open(report, 'w') as out:
    json.dump({'exitCode': exit_code, 'wallS': wall, 'cpuS': cpu, 'peakBytes': used.ru_maxrss * unit}, out)
