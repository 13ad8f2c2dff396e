"""Ten rounds of PageRank on PySpark's RDDs. Usage: spark_page_rank.py <output directory, absent>

As many partitions everywhere, so that links and ranks are partitioned alike and no join shuffles: PySpark's default would add
those of both sides in each round.
"""
import sys
from operator import add

from local_spark import open_context

PARTITIONS = 8


def parse(line):
    page, target = line.split('\t')
    return page, target


def contributions(targets_and_rank):
    targets, rank = targets_and_rank
    share = rank / len(targets)
    return [(target, share) for target in targets]


context = open_context()
links = context.textFile('data/*.tsv').map(parse).distinct(PARTITIONS).groupByKey(PARTITIONS).cache()
ranks = links.mapValues(lambda _: 1.0)
for _ in range(10):
    ranks = (
        links.join(ranks, PARTITIONS)
        .values()
        .flatMap(contributions)
        .reduceByKey(add, PARTITIONS)
        .mapValues(lambda total: 0.15 + 0.85 * total)
    )
ranks.map(lambda pair: '%s\t%r' % pair).saveAsTextFile(sys.argv[1])
context.stop()
