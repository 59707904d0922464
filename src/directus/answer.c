#include "directus/answer.h"

#include <stdio.h>
#include <string.h>

#include "directus/session_part.h"

static const char WRONG_ADDRESS[] =
    "is DIRECTUS_URL the address of a Directus, as it stands before /admin in the browser?";

bool exchange_parse(const Exchange *exchange, Arena *arena, Json *whole, Error *err) {
    char name[200];
    *whole = json_null();
    if (exchange->answer.length == 0)
        return true;
    if (json_parse(arena, exchange->answer.data, exchange->answer.length, ANSWER_STRICTNESS, whole, err))
        return true;
    err->kind = ERR_REMOTE;
    error_context(err, "%s: the answer cannot be used", exchange_name(exchange, name));
    return false;
}

/* Directus's own "message (CODE)" of the first error, and how many there are. */
static bool directus_errors(const Exchange *exchange, Arena *arena, const Json **first, uint32_t *count) {
    Error ignored;
    Json whole;
    if (exchange->html || !json_parse(arena, buf_text(&exchange->answer), exchange->answer.length,
                                      JSON_SYNTAX, &whole, &ignored))
        return false;
    const Json *errors = json_get(&whole, "errors");
    if (!json_is(errors, JSON_ARRAY) || errors->count == 0)
        return false;
    *first = &errors->as.items[0];
    *count = errors->count;
    return true;
}

static bool starts_like_html(const Exchange *exchange) {
    const char *text = buf_text(&exchange->answer);
    return exchange->html || text[strspn(text, " \t\r\n")] == '<';
}

static bool not_directus(const Exchange *exchange, const char *name, Error *err) {
    error_set(err, ERR_REMOTE, "%s: this is not a Directus (status %ld, %s)", name, exchange->status,
              starts_like_html(exchange) ? "an HTML page" : "no answer Directus would give");
    if (exchange->status == 413)
        return error_hint(
            err, "a proxy in front of it limits the size of a request (nginx: client_max_body_size)");
    if (exchange->status == 405 || exchange->status == 501)
        return error_hint(err, "does a proxy in front of it refuse the method %s?", exchange->method);
    return error_hint(err, "%s", WRONG_ADDRESS);
}

static bool unauthorized(const Exchange *exchange, const char *name, const char *code, bool login,
                         const char *credentials, Error *err) {
    if (strstr(buf_text(&exchange->path), "/auth/login")) {
        error_set(err, ERR_REFUSED, "%s: e-mail and password are not accepted (%s)", name, code);
        return error_hint(err, "check %s; users with two-factor sign-in need a static token (DIRECTUS_TOKEN)",
                          credentials ? credentials : "DIRECTUS_EMAIL and DIRECTUS_PASSWORD");
    }
    error_set(err, ERR_REFUSED, "%s: the token is not accepted (%s)", name, code);
    if (login)
        return error_hint(err, "run the command again");
    return error_hint(err, "check %s: it must be the static token of a user of this instance",
                      credentials ? credentials : "DIRECTUS_TOKEN");
}

static void hint_for(const Exchange *exchange, const char *code, const char *message, Error *err) {
    if (strcmp(code, "LIMIT_EXCEEDED") == 0 || strcmp(code, "RESOURCE_RESTRICTED") == 0)
        error_hint(err, "the instance's licence does not allow it");
    else if (exchange->status == 403)
        error_hint(err, "the token's user needs a policy with admin access; 403 also means that the thing "
                        "does not exist");
    else if (strstr(message, "entity too large"))
        error_hint(err, "raise MAX_PAYLOAD_SIZE of the instance to 1mb or more");
    else if (strstr(message, "max batch mutation"))
        error_hint(err, "raise MAX_BATCH_MUTATION of the instance to 1000 or more");
    else if (strstr(message, "type \"geometry"))
        error_hint(err, "run CREATE EXTENSION postgis in the instance's database as its owner");
    else if (exchange->status >= 500)
        error_hint(err, "the instance's log says more");
}

bool answer_check(const Exchange *exchange, bool login, const char *credentials, Error *err) {
    AUTO(Arena) arena = { 0 };
    char name[200];
    const Json *first;
    uint32_t count;
    exchange_name(exchange, name);
    if (exchange->status >= 300 && exchange->status < 400) {
        error_set(err, ERR_REMOTE, "%s is redirected to %s", name,
                  exchange->location[0] ? exchange->location : "nowhere");
        return error_hint(err,
                          "set DIRECTUS_URL to where the instance really is; redirects are not followed");
    }
    if (exchange->status < 400)
        return starts_like_html(exchange) ? not_directus(exchange, name, err) : true;
    if (!directus_errors(exchange, &arena, &first, &count))
        return not_directus(exchange, name, err);
    const char *code = json_get_text(json_get(first, "extensions"), "code"),
               *message = json_get_text(first, "message");
    code = code ? code : "no code";
    message = message ? message : "no reason given";
    if (exchange->status == 401)
        return unauthorized(exchange, name, code, login, credentials, err);
    error_set(err, exchange->status == 403 ? ERR_REFUSED : ERR_REMOTE, "%s: %s (%s)", name, message, code);
    if (count > 1)
        error_set(err, err->kind, "%s: %s (%s), and %u more", name, message, code, count - 1);
    hint_for(exchange, code, message, err);
    return false;
}
