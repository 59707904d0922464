third_party_find(zlib zlib 1.2.11 zlib1g-dev)
