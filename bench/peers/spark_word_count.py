"""Word count on PySpark's RDDs. Usage: spark_word_count.py <output directory, absent>"""
import sys
from operator import add

from local_spark import open_context

context = open_context()
(
    context.textFile('data/*.txt')
    .flatMap(lambda line: line.split(' '))
    .map(lambda word: (word, 1))
    .reduceByKey(add)
    .map(lambda pair: '%s\t%d' % pair)
    .saveAsTextFile(sys.argv[1])
)
context.stop()
