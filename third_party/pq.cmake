third_party_find(pq libpq 14 libpq-dev)
