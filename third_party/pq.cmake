third_party_find(pq libpq 13 libpq-dev)
