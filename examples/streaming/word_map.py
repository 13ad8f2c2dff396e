import sys
for line in sys.stdin:
    for word in line.lower().split(): print(word + '\t1')
