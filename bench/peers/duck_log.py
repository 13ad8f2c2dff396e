"""The filter of log rows in DuckDB's SQL, on two threads, the types of the columns it needs given. Usage: duck_log.py <output file>"""
import sys

import duckdb

connection = duckdb.connect(config={'threads': 2})
connection.execute(
    """
    copy (
        select request_id
        from read_json('data/*.json', format = 'newline_delimited',
            columns = {level: 'VARCHAR', latency_ms: 'DOUBLE', request_id: 'VARCHAR'})
        where level = 'error' and latency_ms > 100
    ) to '%s' (format csv, header false)
    """
    % sys.argv[1]
)
