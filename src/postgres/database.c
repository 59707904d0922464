#include "postgres/database.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "postgres/connection.h"
#include "postgres/statement.h"

/* A statement is stopped by the server after 5 s; what comes later than this was lost on the way. */
static const double default_patience = 10.0;

/* libpq gives no SQLSTATE for a connection that failed, only the server's words. */
static const struct {
    const char *words;
    ErrorKind kind;
    const char *hint;
} refusals[] = {
    { "password authentication failed", ERR_REFUSED,
      "check user and password in DATABASE_URL; special characters in them must be percent-encoded" },
    { "no password supplied", ERR_REFUSED,
      "put the password into DATABASE_URL: postgresql://user:password@host:5432/name" },
    { "no pg_hba.conf entry", ERR_REFUSED,
      "let this host and user in (pg_hba.conf of the server), or ask for TLS with ?sslmode=require" },
    { "authentication failed", ERR_REFUSED, "check user and password in DATABASE_URL" },
    { "permission denied for database", ERR_REFUSED,
      "GRANT CONNECT ON DATABASE … to the user of DATABASE_URL" },
    { "is not permitted to log in", ERR_REFUSED, "use a role with LOGIN in DATABASE_URL" },
    { "role \"", ERR_REFUSED, "check the user in DATABASE_URL" },
    { "certificate", ERR_REFUSED,
      "give the server's root certificate: sslrootcert=… in DATABASE_URL, and check the host name" },
    { "does not support SSL", ERR_REFUSED, "the server has no TLS; sslmode in DATABASE_URL asks for it" },
    { "database \"", ERR_REMOTE, "check the database name at the end of DATABASE_URL" },
    { "session is read-only", ERR_REMOTE, "this is a replica; point DATABASE_URL at the primary" },
    { "translate host name", ERR_REMOTE, "check the host in DATABASE_URL" },
    { "Connection refused", ERR_REMOTE,
      "check host and port in DATABASE_URL, and that PostgreSQL runs there" },
    { "No such file or directory", ERR_REMOTE,
      "check the socket folder in DATABASE_URL, and that PostgreSQL runs" },
    { "timeout expired", ERR_REMOTE, "nobody answers there: check host, port and firewall" },
    { "starting up", ERR_REMOTE, "PostgreSQL is starting; try again in a moment" },
    { "too many clients", ERR_REMOTE, "raise max_connections, or connect through pgbouncer" },
    { "connection slots", ERR_REMOTE, "raise max_connections, or connect through pgbouncer" },
    { "unsupported startup parameter", ERR_CONFIG,
      "remove options=… from DATABASE_URL: pgbouncer refuses it" },
};

/* ---- messages ---- */

static void replace_secret(Buf *line, const Secret *secret) {
    if (!secret_is_set(secret))
        return;
    const char *hidden = secret_reveal(secret);
    AUTO(Buf) clean = { 0 };
    const char *rest = buf_text(line);
    for (const char *found; (found = strstr(rest, hidden)) != NULL; rest = found + secret->length) {
        buf_append(&clean, rest, (size_t)(found - rest));
        buf_puts(&clean, "***");
    }
    buf_puts(&clean, rest);
    Buf old = *line;
    *line = clean;
    clean = old;
}

void database_scrub(const Database *database, const char *text, Buf *line) {
    buf_clear(line);
    /* The lines that libpq indents are advice ("Is the server running on that host …?"). */
    for (const char *next; *text; text = next) {
        size_t length = strcspn(text, "\n");
        next = text + length + (text[length] ? 1 : 0);
        if (length == 0 || *text == '\t')
            continue;
        if (line->length > 0)
            buf_puts(line, "; ");
        buf_append(line, text, length);
    }
    replace_secret(line, &database->password);
    replace_secret(line, &database->key_password);
}

static bool connect_error(const Database *database, Error *err) {
    AUTO(Buf) line = { 0 };
    database_scrub(database, PQerrorMessage(database->connection), &line);
    const char *reason = buf_text(&line);
    const char *failed = strstr(reason, " failed: ");
    if (str_starts(reason, "connection to server") && failed && !strstr(reason, "; connection to server"))
        reason = failed + strlen(" failed: ");
    if (str_starts(reason, "FATAL:  "))
        reason += strlen("FATAL:  ");
    ErrorKind kind = ERR_REMOTE;
    const char *hint = "check DATABASE_URL";
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (strstr(reason, refusals[i].words)) {
            kind = refusals[i].kind;
            hint = refusals[i].hint;
            break;
        }
    }
    error_set(err, kind, "cannot connect to the database %s: %s", database->name, reason);
    return error_hint(err, "%s", hint);
}

/* ---- the connection string ---- */

static bool has_foreign_scheme(const char *conninfo) {
    return conninfo[strspn(conninfo, "abcdefghijklmnopqrstuvwxyz0123456789+")] == ':' &&
           strstr(conninfo, "://") && !str_starts(conninfo, "postgres://") &&
           !str_starts(conninfo, "postgresql://");
}

/* libpq quotes parts of a malformed string, and the part may be the password: only its words before are
 * repeated. */
static bool malformed(const char *words, Error *err) {
    size_t length = words ? strcspn(words, "\"") : 0;
    while (length > 0 && strchr(" :\n", words[length - 1]))
        length--;
    error_set(err, ERR_CONFIG, "the database URL is malformed%s%.*s%s", length ? " (" : "", (int)length,
              length ? words : "", length ? ")" : "");
    return error_hint(err,
                      "DATABASE_URL has the form postgresql://user:password@host:5432/name; percent-encode "
                      "special characters in user and password");
}

/*
 * A password with an '@' or '/' that is not percent-encoded moves into host, port or database name, and from
 * there into messages: such a string is refused before libpq sees it.
 */
static bool is_split_wrongly(const char *conninfo) {
    const char *authority = strstr(conninfo, "://");
    if (!authority)
        return false;
    authority += strlen("://");
    const char *at = strchr(authority, '@');
    size_t before_query = strcspn(authority, "?");
    size_t before_path = strcspn(authority, "/");
    bool twice = at && memchr(at + 1, '@', strcspn(at + 1, "?")) != NULL;
    bool late = at && (size_t)(at - authority) < before_query && (size_t)(at - authority) > before_path;
    return twice || late;
}

static bool check_option(Database *database, const PQconninfoOption *option, Error *err) {
    if (str_equal(option->keyword, "password"))
        secret_set(&database->password, option->val);
    else if (str_equal(option->keyword, "sslpassword"))
        secret_set(&database->key_password, option->val);
    else if (str_equal(option->keyword, "port") && option->val &&
             option->val[strspn(option->val, "0123456789,")])
        return malformed("the port is not a number", err);
    return true;
}

static bool check_conninfo(Database *database, const char *conninfo, Error *err) {
    if (!conninfo || !*conninfo) {
        error_set(err, ERR_CONFIG, "no database URL");
        return error_hint(err, "set DATABASE_URL to postgresql://user:password@host:5432/name");
    }
    if (has_foreign_scheme(conninfo)) {
        error_set(err, ERR_CONFIG, "the database URL is not one of PostgreSQL");
        return error_hint(err, "DATABASE_URL starts with postgresql://; for other databases leave it out");
    }
    if (is_split_wrongly(conninfo))
        return malformed("an '@' or '/' in user or password is not percent-encoded", err);
    char *words = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &words);
    if (!options) {
        malformed(words, err);
        PQfreemem(words);
        return false;
    }
    bool valid = true;
    for (PQconninfoOption *option = options; valid && option->keyword; option++)
        valid = check_option(database, option, err);
    PQconninfoFree(options);
    return valid;
}

/* ---- opening and closing ---- */

static void drop_notice(void *context, const char *message) {
    (void)context;
    (void)message;
}

static const char *or_empty(const char *text) {
    return text ? text : "";
}

static void name_database(Database *database) {
    const char *host = or_empty(PQhost(database->connection));
    bool ipv6 = strchr(host, ':') != NULL;
    AUTO(Buf) name = { 0 };
    buf_printf(&name, "%s%s%s:%s/%s", ipv6 ? "[" : "", host, ipv6 ? "]" : "",
               or_empty(PQport(database->connection)), or_empty(PQdb(database->connection)));
    database->name = mem_strdup(buf_text(&name));
    database->user = mem_strdup(or_empty(PQuser(database->connection)));
}

/*
 * libpq looks for Kerberos tickets before every connection, and to find that there are none takes longer than
 * to read the marker. It need not look where nothing could hold one and nobody asks for them; a service file
 * might.
 */
static bool kerberos_matters(const char *conninfo) {
    static const char *const variables[] = { "PGGSSENCMODE", "PGSERVICE", "KRB5_CONFIG", "KRB5CCNAME",
                                             "KRB5_CLIENT_KTNAME" };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if (secure_getenv(variables[i]))
            return true;
    char tickets[64];
    snprintf(tickets, sizeof tickets, "/tmp/krb5cc_%u", (unsigned)geteuid());
    return strstr(conninfo, "service=") || access("/etc/krb5.conf", F_OK) == 0 || access(tickets, F_OK) == 0;
}

/* Of a keyword given twice libpq takes the last one: what stands before dbname can be overridden by the URL,
 * and one without a value counts as not given. */
static PGconn *connect_to(const char *conninfo, const char *limit) {
    const char *own_timeout = secure_getenv("PGCONNECT_TIMEOUT");
    const struct {
        const char *keyword, *value;
    } options[] = {
        { "connect_timeout", own_timeout && *own_timeout ? own_timeout : "10" },
        { "gssencmode", kerberos_matters(conninfo) ? NULL : "disable" },
        { "keepalives_idle", "20" },
        { "keepalives_interval", "5" },
        { "keepalives_count", "3" },
        { "tcp_user_timeout", "20000" },
        { "fallback_application_name", "schema-sync" },
        { "dbname", conninfo },
        { "client_encoding", "UTF8" },
        { "target_session_attrs", "read-write" },
        { "connect_timeout", limit },
    };
    enum { OPTIONS = sizeof options / sizeof *options };
    const char *keywords[OPTIONS + 1] = { 0 }, *values[OPTIONS + 1] = { 0 };
    for (size_t i = 0; i < OPTIONS; i++) {
        keywords[i] = options[i].keyword;
        values[i] = options[i].value;
    }
    return PQconnectdbParams(keywords, values, 1);
}

static bool open_with(const char *conninfo, const char *limit, Database **out, Error *err) {
    AUTO_DATABASE database = mem_alloc(sizeof *database);
    *database = (Database){ .patience = default_patience };
    if (!check_conninfo(database, conninfo, err))
        return false;
    database->connection = connect_to(conninfo, limit);
    if (!database->connection)
        return error_set(err, ERR_INTERNAL, "out of memory");
    name_database(database);
    if (PQstatus(database->connection) != CONNECTION_OK)
        return connect_error(database, err);
    PQsetNoticeProcessor(database->connection, drop_notice, NULL);
    *out = database;
    database = NULL;
    return true;
}

bool database_open(const char *conninfo, Database **out, Error *err) {
    return open_with(conninfo, NULL, out, err);
}

bool database_open_hastily(const char *conninfo, double seconds, Database **out, Error *err) {
    /* libpq counts in whole seconds and takes two at least. */
    char limit[16];
    snprintf(limit, sizeof limit, "%d", seconds < 2 ? 2 : seconds > 10 ? 10 : (int)seconds);
    if (!open_with(conninfo, limit, out, err))
        return false;
    (*out)->patience = seconds < 1 ? 1 : seconds > default_patience ? default_patience : seconds;
    return true;
}

/* Nothing is due on an idle connection: what can be read is the server's farewell, or the end. To notice it
 * before a change is sent spares the doubt whether it arrived. */
static bool is_alive(const Database *database) {
    struct pollfd idle = { .fd = PQsocket(database->connection), .events = POLLIN };
    if (database->broken || PQstatus(database->connection) != CONNECTION_OK)
        return false;
    while (poll(&idle, 1, 0) > 0)
        if (!PQconsumeInput(database->connection))
            return false;
    return PQstatus(database->connection) == CONNECTION_OK;
}

bool database_revive(Database *database, Error *err) {
    if (is_alive(database))
        return true;
    PQreset(database->connection);
    database->broken = false;
    return PQstatus(database->connection) == CONNECTION_OK || connect_error(database, err);
}

const char *database_name(const Database *database) {
    return database->name;
}

void database_close(Database **database) {
    if (!*database)
        return;
    PQfinish((*database)->connection);
    secret_free(&(*database)->password);
    secret_free(&(*database)->key_password);
    free((*database)->name);
    free((*database)->user);
    free(*database);
    *database = NULL;
}
