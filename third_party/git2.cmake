third_party_find(git2 libgit2 1.5.0 libgit2-dev)
