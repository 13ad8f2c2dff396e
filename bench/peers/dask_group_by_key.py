"""The median of each key's values on Dask's bag. Usage: dask_group_by_key.py <output directory, absent>"""
import sys

import dask.bag

from local_dask import use_two_processes


def parse(line):
    key, value = line.split('\t')
    return key, int(value)


def write_median(group):
    key, pairs = group
    values = sorted(value for _, value in pairs)
    return '%s\t%d' % (key, values[len(values) >> 1])


if __name__ == '__main__':
    use_two_processes()
    (
        dask.bag.read_text('data/*.tsv')
        .map(parse)
        .groupby(lambda pair: pair[0])
        .map(write_median)
        .to_textfiles(sys.argv[1] + '/*.txt')
    )
