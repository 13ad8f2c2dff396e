"""Pairs sorted by their numbers on PySpark's RDDs. Usage: spark_sort_by_key.py <output directory, absent>"""
import sys

from local_spark import open_context


def parse(line):
    key, value = line.split('\t')
    return int(key), value


context = open_context()
context.textFile('data/*.tsv').map(parse).sortByKey().map(lambda pair: '%d\t%s' % pair).saveAsTextFile(sys.argv[1])
context.stop()
