"""Distinct lines on PySpark's RDDs. Usage: spark_distinct.py <output directory, absent>"""
import sys

from local_spark import open_context

context = open_context()
context.textFile('data/*.txt').distinct().saveAsTextFile(sys.argv[1])
context.stop()
