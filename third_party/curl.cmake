third_party_find(curl libcurl 7.74.0 libcurl4-openssl-dev)
