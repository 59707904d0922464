#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "repo/committing.h"

/* Who, by the variables and keys in which git looks, in its order. */
typedef struct {
    const char *role;                /* "author" */
    const char *name, *email, *date; /* variables */
    const char *name_key, *email_key;
} Role;

static const Role roles[] = {
    { "author", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "author.name", "author.email" },
    { "committer", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE", "committer.name",
      "committer.email" },
};

static const char *variable(const char *name) {
    const char *text = getenv(name);
    return text && *text ? text : NULL;
}

static const char *setting(git_config *config, const char *key) {
    const char *text = NULL;
    return git_config_get_string(&text, config, key) == 0 && *text ? text : NULL;
}

static const char *first_of(git_config *config, const char *name, const char *key, const char *common) {
    const char *text = variable(name);
    if (!text)
        text = setting(config, key);
    return text ? text : setting(config, common);
}

/* ---- dates ---- */

/* "+0130", "-08:00", "Z", or nothing for UTC, in minutes. */
static bool read_zone(const char *text, int *minutes) {
    int hours, rest;
    char sign, end;
    text += strspn(text, " ");
    *minutes = 0;
    if (!*text || strcmp(text, "Z") == 0)
        return true;
    size_t digits = strlen(text + 1);
    bool colon = digits == 5 && text[3] == ':';
    if ((digits != 4 && !colon) ||
        sscanf(text, colon ? "%c%2d:%2d%c" : "%c%2d%2d%c", &sign, &hours, &rest, &end) != 3 ||
        (sign != '+' && sign != '-') || hours < 0 || hours > 14 || rest < 0 || rest > 59)
        return false;
    *minutes = (sign == '-' ? -1 : 1) * (hours * 60 + rest);
    return true;
}

/* git's own form, "1700000000 +0100" or "@1700000000", and ISO 8601. */
static bool read_date(const char *text, git_time_t *seconds, int *minutes) {
    char *end;
    const char *digits = text + (*text == '@');
    size_t length = strspn(digits, "0123456789");
    if (length > 4 || (*text == '@' && length)) {
        *seconds = strtoll(digits, &end, 10);
        return read_zone(end, minutes);
    }
    struct tm day = { 0 };
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &day);
    if (!rest)
        rest = strptime(text, "%Y-%m-%d %H:%M:%S", &day);
    if (!rest || !read_zone(rest, minutes))
        return false;
    *seconds = timegm(&day) - (git_time_t)*minutes * 60;
    return true;
}

/* ---- signatures ---- */

static bool nobody(const Role *role, const char *what, Error *err) {
    error_set(err, ERR_CONFIG, "git: no %s is known for the commit's %s", what, role->role);
    return error_hint(err,
                      "git config user.name \"Your Name\"; git config user.email you@example.com (or set "
                      "%s and %s)",
                      role->name, role->email);
}

static bool sign(const Role *role, git_config *config, git_signature **out, Error *err) {
    const char *name = first_of(config, role->name, role->name_key, "user.name");
    const char *email = first_of(config, role->email, role->email_key, "user.email");
    const char *date = variable(role->date);
    git_time_t seconds;
    int minutes;
    if (!email)
        email = variable("EMAIL");
    if (!name || !email)
        return nobody(role, name ? "address" : "name", err);
    if (date && !read_date(date, &seconds, &minutes)) {
        error_set(err, ERR_CONFIG, "%s: \"%s\" is not understood", role->date, date);
        return error_hint(err, "write \"<seconds since 1970> +0000\" or 2024-05-31T12:00:00+02:00");
    }
    int made =
        date ? git_signature_new(out, name, email, seconds, minutes) : git_signature_now(out, name, email);
    if (made == 0)
        return true;
    error_set(err, ERR_CONFIG, "git: \"%s <%s>\" cannot be the commit's %s", name, email, role->role);
    return error_hint(err,
                      "a name and an address without < and > are needed: git config user.name, user.email");
}

bool commit_authors(git_repository *git, Authors *authors, Error *err) {
    git_config *config = NULL;
    if (git_repository_config_snapshot(&config, git) != 0)
        return repository_fault(err, "the configuration cannot be read");
    bool done =
        sign(&roles[0], config, &authors->author, err) && sign(&roles[1], config, &authors->committer, err);
    git_config_free(config);
    return done;
}

void authors_free(Authors *authors) {
    git_signature_free(authors->author);
    git_signature_free(authors->committer);
    *authors = (Authors){ 0 };
}
