/*
 * The floor of a command: its requests, sent again one after the other over one keep-alive connection, every
 * answer read to its end, nothing thought.
 *
 *     DIRECTUS_URL=… DIRECTUS_TOKEN=… bench_floor FILE
 *
 * FILE holds the requests back to back, each as a line and what the line announces:
 *
 *     METHOD <length of path> <length of content type> <length of body>\n<path><content type><body>
 *
 * A content type of length 0 is a request without a body. Refusals under pressure (503) are repeated as the
 * tool repeats them; any other answer of 400 and above ends the run, for then it is not the tool's run that
 * was replayed.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ANSWER_SHOWN = 400, MOST_REPEATS = 200 };

typedef struct {
    char method[16];
    size_t path_length, type_length, body_length;
    const char *path, *type, *body; /* in the file's text, not terminated */
} Request;

typedef struct {
    CURL *easy;
    const char *url, *token;
    char shown[ANSWER_SHOWN + 1]; /* the answer's beginning */
    size_t shown_length;
    size_t requests, repeats, sent, received;
} Floor;

static char *read_whole(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *text = NULL;
    long size = -1;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0 &&
        (text = malloc((size_t)size + 1)) != NULL && fread(text, 1, (size_t)size, file) == (size_t)size) {
        text[size] = '\0';
        *length = (size_t)size;
        fclose(file);
        return text;
    }
    free(text);
    fclose(file);
    return NULL;
}

/* Answers false at the end, and at what is no request; `*at` tells which. */
static bool next_request(const char **at, const char *end, Request *request) {
    char head[100];
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    size_t length = stop ? (size_t)(stop - *at) : 0;
    if (length == 0 || length >= sizeof head)
        return false;
    memcpy(head, *at, length);
    head[length] = '\0';
    if (sscanf(head, "%15s %zu %zu %zu", request->method, &request->path_length, &request->type_length,
               &request->body_length) != 4 ||
        (size_t)(end - stop) - 1 < request->path_length + request->type_length + request->body_length)
        return false;
    request->path = stop + 1;
    request->type = request->path + request->path_length;
    request->body = request->type + request->type_length;
    *at = request->body + request->body_length;
    return true;
}

static size_t take_answer(char *data, size_t size, size_t count, void *context) {
    Floor *floor = context;
    size_t length = size * count, room = ANSWER_SHOWN - floor->shown_length;
    size_t kept = length < room ? length : room;
    memcpy(floor->shown + floor->shown_length, data, kept);
    floor->shown_length += kept;
    floor->received += length;
    return length;
}

/* "<prefix><value>" in memory of its own. */
static char *join(const char *prefix, const char *value, size_t length) {
    size_t start = strlen(prefix);
    char *text = malloc(start + length + 1);
    if (!text)
        abort();
    memcpy(text, prefix, start);
    memcpy(text + start, value, length);
    text[start + length] = '\0';
    return text;
}

static struct curl_slist *headers_for(const Floor *floor, const Request *request) {
    char *bearer = join("Authorization: Bearer ", floor->token, strlen(floor->token));
    char *type = join("Content-Type: ", request->type, request->type_length);
    struct curl_slist *list = curl_slist_append(NULL, "Accept: application/json");
    list = curl_slist_append(list, "Expect:");
    list = curl_slist_append(list, bearer);
    if (request->type_length)
        list = curl_slist_append(list, type);
    free(bearer);
    free(type);
    return list;
}

static bool send_once(Floor *floor, const Request *request, long *status) {
    char *url = join(floor->url, request->path, request->path_length);
    struct curl_slist *headers = headers_for(floor, request);
    char reason[CURL_ERROR_SIZE] = "";
    floor->shown_length = 0;
    curl_easy_reset(floor->easy);
    curl_easy_setopt(floor->easy, CURLOPT_URL, url);
    curl_easy_setopt(floor->easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(floor->easy, CURLOPT_BUFFERSIZE, 128L * 1024);
    curl_easy_setopt(floor->easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    curl_easy_setopt(floor->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(floor->easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(floor->easy, CURLOPT_WRITEDATA, floor);
    curl_easy_setopt(floor->easy, CURLOPT_ERRORBUFFER, reason);
    if (request->type_length) {
        curl_easy_setopt(floor->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        curl_easy_setopt(floor->easy, CURLOPT_POSTFIELDS, request->body);
    }
    curl_easy_setopt(floor->easy, CURLOPT_CUSTOMREQUEST, request->method);
    CURLcode code = curl_easy_perform(floor->easy);
    curl_easy_getinfo(floor->easy, CURLINFO_RESPONSE_CODE, status);
    if (code != CURLE_OK)
        fprintf(stderr, "floor: %s: %s\n", url, reason[0] ? reason : curl_easy_strerror(code));
    floor->shown[floor->shown_length] = '\0';
    floor->sent += request->body_length;
    curl_slist_free_all(headers);
    free(url);
    return code == CURLE_OK;
}

static bool replay(Floor *floor, const Request *request) {
    long status = 0;
    for (int repeat = 0; repeat < MOST_REPEATS; repeat++) {
        if (!send_once(floor, request, &status))
            return false;
        if (status != 503 || !strstr(floor->shown, "Under pressure"))
            break;
        floor->repeats++;
        nanosleep(&(struct timespec){ .tv_nsec = 300L * 1000 * 1000 }, NULL);
    }
    floor->requests++;
    if (status >= 400)
        fprintf(stderr, "floor: request %zu, %s %.*s: %ld %s\n", floor->requests, request->method,
                (int)request->path_length, request->path, status, floor->shown);
    return status < 400;
}

static int run(Floor *floor, const char *text, size_t length) {
    const char *at = text, *end = text + length;
    Request request;
    while (next_request(&at, end, &request))
        if (!replay(floor, &request))
            return 1;
    if (at != end) {
        fprintf(stderr, "floor: no request at byte %td\n", at - text);
        return 1;
    }
    printf("{\"requests\":%zu,\"repeats\":%zu,\"sent\":%zu,\"received\":%zu}\n", floor->requests,
           floor->repeats, floor->sent, floor->received);
    return 0;
}

int main(int argc, char **argv) {
    Floor floor = { .url = getenv("DIRECTUS_URL"), .token = getenv("DIRECTUS_TOKEN") };
    size_t length = 0;
    if (argc != 2 || !floor.url || !floor.token) {
        fprintf(stderr, "usage: DIRECTUS_URL=… DIRECTUS_TOKEN=… %s FILE\n", argv[0]);
        return 64;
    }
    char *text = read_whole(argv[1], &length);
    if (!text) {
        perror(argv[1]);
        return 74;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    floor.easy = curl_easy_init();
    int status = floor.easy ? run(&floor, text, length) : 70;
    curl_easy_cleanup(floor.easy);
    curl_global_cleanup();
    free(text);
    return status;
}
