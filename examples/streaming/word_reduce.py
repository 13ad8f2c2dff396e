import sys
from itertools import groupby
for word, lines in groupby(sys.stdin, key=lambda line: line.split('\t')[0]):
    print(word + '\t' + str(sum(int(line.split('\t')[1]) for line in lines)))
