"""The defining job in Polars' lazy API, on two threads, the columns' types given.

Usage: polars_lazy.py <output file> [the sum that rows must be above]
"""
import os
import sys

os.environ['POLARS_MAX_THREADS'] = '2'

import polars as pl

(
    pl.scan_ndjson('data/*.json', schema={'index': pl.Float64, 'total': pl.Float64})
    .with_columns(sum_val=pl.col('index') + pl.col('total'))
    .filter(pl.col('sum_val') > float(sys.argv[2] if len(sys.argv) > 2 else '1.95'))
    .sink_ndjson(sys.argv[1])
)
