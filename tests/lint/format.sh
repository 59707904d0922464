#!/bin/sh
# Every C file is as .clang-format would have it. Mend: clang-format -i FILE
find src tests \( -name '*.c' -o -name '*.h' \) -print0 |
    xargs -0 "${CLANG_FORMAT:-clang-format}" --dry-run -Werror
