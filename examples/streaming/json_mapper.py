import json, sys
for line in sys.stdin:
    row = json.loads(line); total = row['index'] + row['total']
    if total > 1.95: row['sum_val'] = total; print(json.dumps(row))
