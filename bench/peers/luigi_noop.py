"""Tasks that do nothing, and one that requires them all and says how many ran. Usage: luigi_noop.py <output> <number of tasks>"""
import sys

import luigi


class Nothing(luigi.Task):
    n = luigi.IntParameter()
    has_run = False

    def run(self):
        self.has_run = True
        All.count += 1

    def complete(self):
        return self.has_run


class All(luigi.Task):
    path = luigi.Parameter()
    n = luigi.IntParameter()
    count = 0

    def requires(self):
        return [Nothing(n=n) for n in range(self.n)]

    def run(self):
        with open(self.path, 'w') as out:
            out.write(str(All.count))

    def complete(self):
        return False


if __name__ == '__main__':
    # With more than one worker each task is a process of its own, which knows nothing of what ran in others.
    tasks = [All(path=sys.argv[1], n=int(sys.argv[2]))]
    sys.exit(0 if luigi.build(tasks, local_scheduler=True, workers=1, log_level='WARNING') else 1)
