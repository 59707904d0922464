third_party_find(xxhash libxxhash 0.8.0 libxxhash-dev)
