"""The filter of log rows in Polars' lazy frames, on two threads, the types of the columns it needs given. Usage: polars_log.py <output file>"""
import os
import sys

os.environ['POLARS_MAX_THREADS'] = '2'

import polars

rows = polars.scan_ndjson(
    'data/*.json', schema={'level': polars.String, 'latency_ms': polars.Float64, 'request_id': polars.String}
)
kept = rows.filter((polars.col('level') == 'error') & (polars.col('latency_ms') > 100)).select('request_id')
kept.sink_csv(sys.argv[1], include_header=False)
