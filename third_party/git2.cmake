third_party_find(git2 libgit2 1.1.0 libgit2-dev)
