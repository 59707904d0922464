#include "directus/probe.h"

#include "directus/http.h"

bool directus_answers(const char *url, double seconds, Error *err) {
    HttpOptions options = { .url = url, .timeout_seconds = seconds, .abandon = true };
    Http *http = NULL;
    AUTO(Exchange) ping = { .anonymous = true, .repeatable = true };
    exchange_init(&ping, "GET", "/server/ping");
    bool answers = http_open(&options, &http, err);
    if (answers) {
        http_start(http, &ping);
        answers = http_finish(http, &ping, err);
    }
    http_close(&http);
    return answers;
}
