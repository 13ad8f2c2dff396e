"""Distinct lines on Dask's bag. Usage: dask_distinct.py <output directory, absent>"""
import sys

import dask.bag

from local_dask import use_two_processes

if __name__ == '__main__':
    use_two_processes()
    (
        dask.bag.read_text('data/*.txt')
        .map(lambda line: line.rstrip('\n'))
        .distinct()
        .to_textfiles(sys.argv[1] + '/*.txt')
    )
