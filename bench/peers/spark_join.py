"""The join of two sets of pairs on PySpark's RDDs. Usage: spark_join.py <output directory, absent>"""
import sys

from local_spark import open_context


def parse(line):
    key, value = line.split('\t')
    return int(key), value


context = open_context()
left = context.textFile('data/left').map(parse)
right = context.textFile('data/right').map(parse)
left.join(right).map(lambda pair: '%d\t%s\t%s' % (pair[0], *pair[1])).saveAsTextFile(sys.argv[1])
context.stop()
