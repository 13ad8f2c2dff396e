# An unmodified Python mapper over all files of data/, one output for each; npm start makes the data.
npx kindling stream --input 'data/*.json' --mapper 'python3 examples/streaming/json_mapper.py' --output 'out_stream/{/}'
