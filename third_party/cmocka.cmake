third_party_find(cmocka cmocka 1.1.5 libcmocka-dev)
