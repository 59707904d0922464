#include "repo/input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <git2.h>

ssize_t input_read(Input *input, void *data, size_t size) {
    if (input->blob) {
        size_t left = input->length - input->at, count = size < left ? size : left;
        if (count)
            memcpy(data, input->text + input->at, count);
        input->at += count;
        return (ssize_t)count;
    }
    ssize_t count;
    do
        count = read(input->fd, data, size);
    while (count < 0 && errno == EINTR);
    return count;
}

void input_close(Input *input) {
    if (input->blob)
        git_blob_free(input->blob);
    else if (input->fd >= 0)
        close(input->fd);
    *input = (Input){ .fd = -1 };
}
