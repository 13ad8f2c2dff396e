"""The median of each key's values on PySpark's RDDs. Usage: spark_group_by_key.py <output directory, absent>"""
import sys

from local_spark import open_context


def parse(line):
    key, value = line.split('\t')
    return key, int(value)


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) >> 1]


context = open_context()
(
    context.textFile('data/*.tsv')
    .map(parse)
    .groupByKey()
    .mapValues(median)
    .map(lambda pair: '%s\t%d' % pair)
    .saveAsTextFile(sys.argv[1])
)
context.stop()
