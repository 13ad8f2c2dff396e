"""The defining job on PySpark's RDDs, with two cores of one machine. Usage: spark_rdd.py <output directory, absent>"""
import json
import sys

from pyspark import SparkConf, SparkContext


def add(row):
    row['sum_val'] = row['index'] + row['total']
    return row


conf = SparkConf().setMaster('local[2]').setAppName('bench').set('spark.ui.enabled', 'false')
conf.set('spark.python.daemon.module', 'counted_daemon')
context = SparkContext(conf=conf)
(
    context.textFile('data/*.json')
    .map(json.loads)
    .map(add)
    .filter(lambda row: row['sum_val'] > 1.95)
    .map(json.dumps)
    .saveAsTextFile(sys.argv[1])
)
context.stop()
