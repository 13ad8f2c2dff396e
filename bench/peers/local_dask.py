"""Dask on two processes of one machine, given a task whenever one is free: by default it hands out six at once, often all to one."""
import dask


def use_two_processes():
    dask.config.set(scheduler='processes', num_workers=2, chunksize=1)
