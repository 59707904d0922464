third_party_find(cjson libcjson 1.7.15 libcjson-dev)
