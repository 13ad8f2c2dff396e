"""The join of two sets of pairs on Dask's bag. Usage: dask_join.py <output directory, absent>

Bag.join wants one side small enough for every process to hold. Two large sides are joined by grouping them together.
"""
import sys

import dask.bag

from local_dask import use_two_processes


def parse(side):
    def parse_line(line):
        key, value = line.rstrip('\n').split('\t')
        return int(key), side, value

    return parse_line


def join(group):
    key, rows = group
    left = [value for _, side, value in rows if side == 0]
    right = [value for _, side, value in rows if side == 1]
    return ['%d\t%s\t%s' % (key, a, b) for a in left for b in right]


if __name__ == '__main__':
    use_two_processes()
    left = dask.bag.read_text('data/left/*.tsv').map(parse(0))
    right = dask.bag.read_text('data/right/*.tsv').map(parse(1))
    (
        dask.bag.concat([left, right])
        .groupby(lambda row: row[0])
        .map(join)
        .flatten()
        .to_textfiles(sys.argv[1] + '/*.txt')
    )
