#include "support/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 64, CHUNK = 65536 };

typedef struct {
    int client, server;
    bool swallowing; /* WIRE_CUT_REPLY: the request is with the server */
    char tail[6];    /* the last bytes of the answer */
} Pair;

struct Wire {
    char folder[64];
    int port;
    int listener;
    pthread_t thread;
    atomic_int mode;
    atomic_int skip; /* messages that pass before the mode counts */
    atomic_int accepted;
    atomic_bool stop;
    Pair pairs[MOST];
    int count;
};

static struct sockaddr_un address(const char *folder, int port) {
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    snprintf(name.sun_path, sizeof name.sun_path, "%s/.s.PGSQL.%d", folder, port);
    return name;
}

static void die(const char *what) {
    perror(what);
    abort();
}

static void write_all(int to, const char *data, size_t length) {
    while (length > 0) {
        ssize_t sent = send(to, data, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return; /* the other side is gone: its end of file comes next */
        if (sent > 0) {
            data += sent;
            length -= (size_t)sent;
        }
    }
}

static void accept_one(Wire *wire) {
    int client = accept4(wire->listener, NULL, NULL, SOCK_CLOEXEC);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un name = address(wire->folder, 5432);
    if (client < 0 || server < 0 || wire->count == MOST ||
        connect(server, (struct sockaddr *)&name, sizeof name) != 0)
        die("wire");
    wire->pairs[wire->count++] = (Pair){ .client = client, .server = server };
    atomic_fetch_add(&wire->accepted, 1);
}

/* Keeps the last six bytes: an answer ends with ReadyForQuery, 'Z' 0 0 0 5 and the transaction's state. */
static bool answer_is_whole(Pair *pair, const char *data, size_t length) {
    for (size_t i = length > sizeof pair->tail ? length - sizeof pair->tail : 0; i < length; i++) {
        memmove(pair->tail, pair->tail + 1, sizeof pair->tail - 1);
        pair->tail[sizeof pair->tail - 1] = data[i];
    }
    return memcmp(pair->tail, "Z\0\0\0\5", 5) == 0;
}

/* False when the pair is at its end. */
static bool from_client(Wire *wire, Pair *pair) {
    char data[CHUNK];
    ssize_t length = recv(pair->client, data, sizeof data, 0);
    if (length <= 0)
        return false;
    int mode = atomic_load(&wire->mode);
    if (mode != WIRE_PASS && atomic_load(&wire->skip) > 0) {
        atomic_fetch_sub(&wire->skip, 1);
        mode = WIRE_PASS;
    }
    if (mode == WIRE_CUT_REQUEST) {
        atomic_store(&wire->mode, WIRE_PASS);
        return false;
    }
    if (mode == WIRE_CUT_REPLY) {
        atomic_store(&wire->mode, WIRE_PASS);
        pair->swallowing = true;
        memset(pair->tail, 0, sizeof pair->tail);
    }
    write_all(pair->server, data, (size_t)length);
    return true;
}

static bool from_server(Pair *pair) {
    char data[CHUNK];
    ssize_t length = recv(pair->server, data, sizeof data, 0);
    if (length <= 0)
        return false;
    if (pair->swallowing)
        return !answer_is_whole(pair, data, (size_t)length);
    write_all(pair->client, data, (size_t)length);
    return true;
}

static void drop_pair(Wire *wire, int at) {
    close(wire->pairs[at].client);
    close(wire->pairs[at].server);
    wire->pairs[at] = wire->pairs[--wire->count];
}

static void *carry(void *context) {
    Wire *wire = context;
    struct pollfd waits[1 + 2 * MOST];
    while (!atomic_load(&wire->stop)) {
        nfds_t count = 0;
        bool stalled = atomic_load(&wire->mode) == WIRE_STALL;
        int pairs = wire->count;
        waits[count++] = (struct pollfd){ .fd = wire->listener, .events = POLLIN };
        for (int i = 0; i < pairs && !stalled; i++) {
            waits[count++] = (struct pollfd){ .fd = wire->pairs[i].client, .events = POLLIN };
            waits[count++] = (struct pollfd){ .fd = wire->pairs[i].server, .events = POLLIN };
        }
        if (poll(waits, count, 10) <= 0)
            continue;
        if (waits[0].revents)
            accept_one(wire);
        for (int i = pairs - 1; i >= 0 && !stalled; i--) {
            bool open = !waits[1 + 2 * i].revents || from_client(wire, &wire->pairs[i]);
            open = open && (!waits[2 + 2 * i].revents || from_server(&wire->pairs[i]));
            if (!open)
                drop_pair(wire, i);
        }
    }
    return NULL;
}

Wire *wire_start(const char *folder, int port) {
    Wire *wire = calloc(1, sizeof *wire);
    if (!wire)
        die("wire");
    snprintf(wire->folder, sizeof wire->folder, "%s", folder);
    wire->port = port;
    struct sockaddr_un name = address(folder, port);
    wire->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (wire->listener < 0 || bind(wire->listener, (struct sockaddr *)&name, sizeof name) != 0 ||
        listen(wire->listener, MOST) != 0 || pthread_create(&wire->thread, NULL, carry, wire) != 0)
        die("wire");
    return wire;
}

void wire_set(Wire *wire, WireMode mode) {
    wire_set_after(wire, mode, 0);
}

void wire_set_after(Wire *wire, WireMode mode, int messages) {
    atomic_store(&wire->skip, messages);
    atomic_store(&wire->mode, (int)mode);
}

int wire_connections(const Wire *wire) {
    return atomic_load(&wire->accepted);
}

void wire_stop(Wire *wire) {
    if (!wire)
        return;
    atomic_store(&wire->stop, true);
    pthread_join(wire->thread, NULL);
    while (wire->count > 0)
        drop_pair(wire, 0);
    close(wire->listener);
    struct sockaddr_un name = address(wire->folder, wire->port);
    unlink(name.sun_path);
    free(wire);
}
