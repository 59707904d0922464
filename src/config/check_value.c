/* Checks of single values, the same for the config file and for environment variables. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "config/check.h"

static bool fault(const char *place, const char *what, Error *err) {
    return error_set(err, ERR_CONFIG, "%s: %s", place, what);
}

static bool bad_address(const char *place, const char *what, Error *err) {
    fault(place, what, err);
    return error_hint(err, "give the address of the instance alone, for example https://cms.example.com");
}

static bool check_port(const char *place, const char *port, size_t length, Error *err) {
    char digits[6] = "";
    bool number = length > 0 && length < sizeof digits && strspn(port, "0123456789") >= length;
    if (number)
        memcpy(digits, port, length);
    long value = strtol(digits, NULL, 10);
    return (number && value >= 1 && value <= 65535) ||
           bad_address(place, "the port is no number from 1 to 65535", err);
}

static bool check_authority(const char *place, const char *authority, size_t length, Error *err) {
    if (memchr(authority, '@', length)) {
        fault(place, "holds credentials", err);
        return error_hint(err, "remove them from the address and set DIRECTUS_TOKEN");
    }
    const char *end = authority + length;
    const char *port = NULL;
    if (*authority == '[') {
        const char *close = memchr(authority, ']', length);
        if (!close || close == authority + 1 || (close + 1 < end && close[1] != ':'))
            return bad_address(place, "the host is no IPv6 address in brackets", err);
        port = close + 1 < end ? close + 1 : NULL;
        length = (size_t)(close + 1 - authority);
    } else {
        port = memchr(authority, ':', length);
        length = port ? (size_t)(port - authority) : length;
    }
    if (length == 0)
        return bad_address(place, "has no host", err);
    return !port || check_port(place, port + 1, (size_t)(end - port - 1), err);
}

bool config_check_url(const char *place, const char *url, Error *err) {
    for (const char *at = url; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7F)
            return bad_address(place, "holds a space or a control character", err);
    const char *authority = str_starts(url, "http://")    ? url + strlen("http://")
                            : str_starts(url, "https://") ? url + strlen("https://")
                                                          : NULL;
    if (!authority)
        return bad_address(place, "is no http:// or https:// address", err);
    if (!check_authority(place, authority, strcspn(authority, "/?#"), err))
        return false;
    return !strpbrk(authority, "?#") || bad_address(place, "has a query or a fragment", err);
}

static bool uri_has_password(const char *uri) {
    const char *authority = strstr(uri, "://") + strlen("://");
    size_t length = strcspn(authority, "/?");
    const char *at = memchr(authority, '@', length);
    const char *query = strchr(authority, '?');
    return (at && memchr(authority, ':', (size_t)(at - authority))) ||
           (query && (strstr(query, "?password=") || strstr(query, "&password=") ||
                      strstr(query, "?sslpassword=") || strstr(query, "&sslpassword=")));
}

static bool keywords_have_password(const char *keywords) {
    for (const char *found = strstr(keywords, "password"); found; found = strstr(found + 1, "password")) {
        const char *after = found + strlen("password"), *start = found;
        if (start - keywords >= 3 && memcmp(start - 3, "ssl", 3) == 0) /* of the key to a certificate */
            start -= 3;
        bool starts = start == keywords || isspace((unsigned char)start[-1]);
        if (starts && after[strspn(after, " \t")] == '=')
            return true;
    }
    return false;
}

bool config_check_database(const char *place, const char *database, bool password, Error *err) {
    bool uri = str_starts(database, "postgresql://") || str_starts(database, "postgres://");
    if (!uri && (strstr(database, "://") || !strchr(database, '='))) {
        fault(place, "is no PostgreSQL connection", err);
        return error_hint(err,
                          "write postgresql://user@host:5432/name or host=… dbname=… user=…; other databases "
                          "are used without a marker: --marker none");
    }
    if (!password && (uri ? uri_has_password(database) : keywords_have_password(database))) {
        fault(place, "holds a password", err);
        return error_hint(err, "set DATABASE_URL in the environment or in .env (a named environment's as "
                               "NAME_DATABASE_URL)");
    }
    return true;
}

bool config_check_dir(const char *place, const char *dir, Error *err) {
    bool inside = *dir && *dir != '/' && !strchr(dir, '\\');
    for (const char *part = dir; inside && *part;) {
        size_t length = strcspn(part, "/");
        inside = length > 0 && !(length == 1 && part[0] == '.') &&
                 !(length == 2 && part[0] == '.' && part[1] == '.');
        part += length;
        part += *part == '/';
    }
    if (inside)
        return true;
    fault(place, "is no folder beneath the one of the config file", err);
    return error_hint(err, "give a relative path without \"..\", for example \"schema\"");
}

bool config_check_environment(const char *place, const char *name, Error *err) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (isalpha((unsigned char)*name) && name[strspn(name, allowed)] == '\0')
        return true;
    error_set(err, ERR_CONFIG, "%s: \"%s\" is no name for an environment", place, name);
    return error_hint(
        err, "a letter, then letters, digits, '-' and '_': its variables begin with it (PROD_DIRECTUS_URL)");
}
