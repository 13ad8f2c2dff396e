"""The slowest request of each service in Polars' lazy frames, on two threads, the types of the columns it needs given. Usage: polars_groups.py <output file>"""
import os
import sys

os.environ['POLARS_MAX_THREADS'] = '2'

import polars

rows = polars.scan_ndjson('data/*.json', schema={'service': polars.String, 'latency_ms': polars.Float64})
# Its `*` finds hidden files too: the one that says how the data were made.
slowest = rows.filter(polars.col('service').is_not_null()).group_by('service').agg(polars.col('latency_ms').max())
slowest.sink_csv(sys.argv[1], include_header=False, separator='\t')
