"""PySpark on two cores of one machine, without its web page; its workers' CPU time is counted."""
from pyspark import SparkConf, SparkContext


def open_context():
    conf = SparkConf().setMaster('local[2]').setAppName('bench').set('spark.ui.enabled', 'false')
    conf.set('spark.python.daemon.module', 'counted_daemon')
    return SparkContext(conf=conf)
