"""The defining job by the standard library: one task per file on a pool of two processes. Usage: pool.py <output directory>"""
import glob
import json
import multiprocessing
import os
import sys


def convert(task):
    source, target = task
    with open(source) as lines, open(target, 'w') as out:
        for line in lines:
            row = json.loads(line)
            total = row['index'] + row['total']
            if total > 1.95:
                row['sum_val'] = total
                out.write(json.dumps(row) + '\n')


if __name__ == '__main__':
    tasks = [(path, os.path.join(sys.argv[1], os.path.basename(path))) for path in glob.glob('data/*.json')]
    with multiprocessing.Pool(2) as pool:
        pool.map(convert, tasks, chunksize=1)
