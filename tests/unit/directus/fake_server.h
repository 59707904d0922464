/*
 * An HTTP server that does as it is told: replies stand in a script, requests are remembered. A thread a
 * connection.
 */
#ifndef SCHEMA_SYNC_TESTS_FAKE_SERVER_H
#define SCHEMA_SYNC_TESTS_FAKE_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef enum {
    REPLY_ANSWER,
    REPLY_DROP,        /* the request is read, the connection closed without an answer */
    REPLY_TRUNCATE,    /* half of the body, then closed */
    REPLY_STALL,       /* nothing, until the server stops */
    REPLY_CLOSE_AFTER, /* an answer that promises to keep the connection, which is then closed */
} ReplyKind;

typedef struct {
    const char *method, *path; /* the path starts so; NULL = any */
    ReplyKind kind;
    int status;
    const char *headers; /* further ones, each with \r\n; may be NULL */
    const char *body;
    int times; /* how often; 0 = always */
    int delay; /* milliseconds before the answer */
    const char
        *until; /* not answered before a request was seen whose path starts so; given up after a while */
} Reply;

typedef struct {
    char method[16];
    char path[1024];
    char *headers, *body;
    int connection; /* a number for each */
    int answered;   /* requests that had their answer when this one came */
} Seen;

enum { FAKE_REPLIES = 64, FAKE_SEEN = 512, FAKE_THREADS = 128 };

typedef struct {
    int listener, connections;
    int stop[2]; /* a pipe: closed at its writing end when all shall end */
    char url[64];
    pthread_t acceptor, threads[FAKE_THREADS];
    int thread_count;
    pthread_mutex_t lock;
    Reply replies[FAKE_REPLIES];
    int reply_count;
    Seen seen[FAKE_SEEN];
    int seen_count, answered;
    int closed; /* connections, by this side */
} FakeServer;

typedef struct {
    FakeServer *server;
    int fd, number;
} FakeConnection;

/* Waits for bytes or the end of the server; false at the end. */
static bool fake_readable(const FakeServer *server, int fd) {
    struct pollfd polls[] = { { .fd = fd, .events = POLLIN }, { .fd = server->stop[0], .events = POLLIN } };
    return poll(polls, 2, 20000) > 0 && !polls[1].revents && polls[0].revents;
}

static char *fake_read_request(const FakeServer *server, int fd, char **body) {
    size_t length = 0, capacity = 1 << 16, wanted = 0;
    char *text = calloc(1, capacity);
    *body = NULL;
    while (!*body || length < wanted) {
        if (!fake_readable(server, fd))
            break;
        if (length + 1 >= capacity) {
            size_t head = *body ? (size_t)(*body - text) : 0;
            text = realloc(text, capacity *= 2);
            *body = head ? text + head : NULL;
        }
        ssize_t got = recv(fd, text + length, capacity - length - 1, 0);
        if (got <= 0)
            break;
        length += (size_t)got;
        text[length] = 0;
        char *end = *body ? NULL : strstr(text, "\r\n\r\n");
        if (!end)
            continue;
        *end = 0;
        *body = end + 4;
        const char *header = strcasestr(text, "\r\nContent-Length:");
        wanted = (size_t)(*body - text) + (header ? strtoul(header + 17, NULL, 10) : 0);
    }
    if (*body && length >= wanted)
        return text;
    free(text);
    return NULL;
}

static Reply fake_note(FakeServer *server, int number, const char *text, const char *body) {
    Reply reply = { .status = 500, .body = "{\"errors\":[{\"message\":\"not in the script\"}]}" };
    pthread_mutex_lock(&server->lock);
    Seen *seen = &server->seen[server->seen_count++];
    sscanf(text, "%15s %1023s", seen->method, seen->path);
    seen->headers = strdup(text);
    seen->body = strdup(body);
    seen->connection = number;
    seen->answered = server->answered;
    for (int i = 0; i < server->reply_count; i++) {
        Reply *candidate = &server->replies[i];
        if (candidate->times < 0 || (candidate->method && strcmp(candidate->method, seen->method) != 0) ||
            (candidate->path && strncmp(candidate->path, seen->path, strlen(candidate->path)) != 0))
            continue;
        reply = *candidate;
        if (candidate->times > 0 && --candidate->times == 0)
            candidate->times = -1;
        break;
    }
    pthread_mutex_unlock(&server->lock);
    return reply;
}

static bool fake_send(int fd, const char *text, size_t length) {
    for (size_t at = 0; at < length;) {
        ssize_t sent = send(fd, text + at, length - at, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += (size_t)sent;
    }
    return true;
}

/* How many requests were seen with this method and start of a path (NULL = any). */
static inline int fake_count(FakeServer *server, const char *method, const char *path) {
    int count = 0;
    pthread_mutex_lock(&server->lock);
    for (int i = 0; i < server->seen_count; i++)
        count += (!method || strcmp(server->seen[i].method, method) == 0) &&
                 (!path || strncmp(server->seen[i].path, path, strlen(path)) == 0);
    pthread_mutex_unlock(&server->lock);
    return count;
}

/* False when the connection is to be closed. */
static bool fake_reply(FakeServer *server, int fd, const Reply *reply) {
    char head[2048];
    size_t length = reply->body ? strlen(reply->body) : 0;
    if (reply->kind == REPLY_STALL)
        fake_readable(server, server->stop[0]);
    nanosleep(&(struct timespec){ .tv_nsec = reply->delay * 1000000L }, NULL);
    for (int i = 0; i < 400 && reply->until && !fake_count(server, NULL, reply->until); i++)
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    pthread_mutex_lock(&server->lock);
    server->answered++;
    pthread_mutex_unlock(&server->lock);
    if (reply->kind == REPLY_STALL || reply->kind == REPLY_DROP)
        return false;
    const char *type =
        reply->headers && strstr(reply->headers, "Content-Type") ? "" : "Content-Type: application/json\r\n";
    snprintf(head, sizeof head, "HTTP/1.1 %d Scripted\r\n%s%sContent-Length: %zu\r\n\r\n", reply->status,
             reply->headers ? reply->headers : "", type, length);
    if (!fake_send(fd, head, strlen(head)) ||
        !fake_send(fd, reply->body ? reply->body : "", reply->kind == REPLY_TRUNCATE ? length / 2 : length))
        return false;
    return reply->kind == REPLY_ANSWER;
}

static void *fake_serve(void *context) {
    FakeConnection *connection = context;
    bool open = true;
    while (open && fake_readable(connection->server, connection->fd)) {
        char *body, *text = fake_read_request(connection->server, connection->fd, &body);
        if (!text)
            break;
        Reply reply = fake_note(connection->server, connection->number, text, body);
        open = fake_reply(connection->server, connection->fd, &reply);
        free(text);
    }
    close(connection->fd);
    pthread_mutex_lock(&connection->server->lock);
    connection->server->closed++;
    pthread_mutex_unlock(&connection->server->lock);
    free(connection);
    return NULL;
}

static void *fake_accept(void *context) {
    FakeServer *server = context;
    while (server->thread_count < FAKE_THREADS && fake_readable(server, server->listener)) {
        FakeConnection *connection = malloc(sizeof *connection);
        *connection = (FakeConnection){ server, accept(server->listener, NULL, NULL), ++server->connections };
        pthread_create(&server->threads[server->thread_count++], NULL, fake_serve, connection);
    }
    return NULL;
}

static FakeServer *fake_start(const Reply *replies, size_t count) {
    FakeServer *server = calloc(1, sizeof *server);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    memcpy(server->replies, replies, count * sizeof *replies);
    server->reply_count = (int)count;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (pipe(server->stop) != 0 || bind(server->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(server->listener, 16) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
        abort();
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    pthread_mutex_init(&server->lock, NULL);
    pthread_create(&server->acceptor, NULL, fake_accept, server);
    return server;
}

static void fake_stop(FakeServer *server) {
    close(server->stop[1]);
    pthread_join(server->acceptor, NULL);
    for (int i = 0; i < server->thread_count; i++)
        pthread_join(server->threads[i], NULL);
    close(server->stop[0]);
    close(server->listener);
    for (int i = 0; i < server->seen_count; i++) {
        free(server->seen[i].headers);
        free(server->seen[i].body);
    }
    pthread_mutex_destroy(&server->lock);
    free(server);
}

/* Waits until the server has closed so many connections. */
static inline void fake_await_closed(FakeServer *server, int wanted) {
    for (int closed = 0; closed < wanted; nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL)) {
        pthread_mutex_lock(&server->lock);
        closed = server->closed;
        pthread_mutex_unlock(&server->lock);
    }
}

/* The first request with this method and start of a path, NULL when there is none; to be called when nothing
 * is under way. */
static inline const Seen *fake_find(const FakeServer *server, const char *method, const char *path) {
    for (int i = 0; i < server->seen_count; i++)
        if (strcmp(server->seen[i].method, method) == 0 &&
            strncmp(server->seen[i].path, path, strlen(path)) == 0)
            return &server->seen[i];
    return NULL;
}

#define FAKE(...)                                                                                            \
    fake_start((const Reply[]){ __VA_ARGS__ }, sizeof((const Reply[]){ __VA_ARGS__ }) / sizeof(Reply))
#define ANSWER(method_, path_, body_)                                                                        \
    { .method = method_, .path = path_, .status = 200, .body = body_ }
#define PRESSURE(times_)                                                                                     \
    {                                                                                                        \
        .status = 503, .times = times_,                                                                      \
        .body = "{\"errors\":[{\"message\":\"Service \\\"api\\\" is unavailable. Under "                     \
                "pressure.\",\"extensions\":"                                                                \
                "{\"service\":\"api\",\"reason\":\"Under pressure\",\"code\":\"SERVICE_UNAVAILABLE\"}}]}"    \
    }

#endif
