# A word count by a Python mapper and reducer, which also combines. Hadoop's own command line would do as well.
npx kindling stream --input examples/data/sea.txt --mapper 'python3 examples/streaming/word_map.py' \
  --combiner 'python3 examples/streaming/word_reduce.py' --reducer 'python3 examples/streaming/word_reduce.py' --reducers 1
