"""The defining job in DuckDB's SQL, on two threads, the columns' types given. Usage: duck.py <output file> [the sum that rows must be above]"""
import sys

import duckdb

connection = duckdb.connect(config={'threads': 2})
connection.execute(
    """
    copy (
        select index, total, index + total as sum_val
        from read_json('data/*.json', format = 'newline_delimited', columns = {index: 'DOUBLE', total: 'DOUBLE'})
        where index + total > %s
    ) to '%s' (format json)
    """
    % (sys.argv[2] if len(sys.argv) > 2 else '1.95', sys.argv[1])
)
