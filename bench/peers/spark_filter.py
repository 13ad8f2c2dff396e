"""The defining job on PySpark's RDDs. Usage: spark_filter.py <output directory, absent>"""
import json
import sys

from local_spark import open_context


def add(row):
    row['sum_val'] = row['index'] + row['total']
    return row


context = open_context()
(
    context.textFile('data/*.json')
    .map(json.loads)
    .map(add)
    .filter(lambda row: row['sum_val'] > 1.95)
    .map(json.dumps)
    .saveAsTextFile(sys.argv[1])
)
context.stop()
