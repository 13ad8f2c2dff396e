"""PySpark's own daemon, its workers' CPU time kept.

The daemon ignores SIGCHLD: its workers are then reaped by the kernel, which drops their CPU time instead of adding it to
the tree's. Here it waits for them; nothing else is changed.
"""
import os
import signal

from pyspark import daemon

set_handler = signal.signal


def reap(*_):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def set_handler_but_wait(number, handler):
    return set_handler(number, reap if (number, handler) == (signal.SIGCHLD, signal.SIG_IGN) else handler)


signal.signal = set_handler_but_wait
daemon.manager()
