/*
 * Secrets in texts: does this string hold one that must not stand in a file? Pure.
 *
 * Four sources, in this order: shapes nobody writes by accident (tokens with a known beginning, private keys,
 * JSON web tokens, webhook addresses), URLs and headers with credentials, values under a name that says so
 * ("password": …), and random-looking strings of 20 characters and more. Of a random-looking string nothing
 * but its letters is known: its length, how mixed its characters are, and how rarely its neighbours stand
 * beside each other in words.
 *
 * Not secrets: uuids, template strings ({{…}}, ${…}, $last.x), examples (…EXAMPLE…, xxxx), data: URIs,
 * certificates and public keys, and what a name calls an id or a hash. Shapes are those the services
 * document, as secret scanners list them (gitleaks, trufflehog; July 2025).
 */
#ifndef SCHEMA_SYNC_MODEL_SECRET_SCAN_H
#define SCHEMA_SYNC_MODEL_SECRET_SCAN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *kind; /* "GitHub token" */
    size_t at, length;
} SecretFinding;

/* `name`: the member or header the text belongs to, NULL when there is none. */
bool secret_scan(const char *text, size_t length, const char *name, SecretFinding *found);
/* Only the shapes nobody writes by accident: for rows, which are other people's texts. */
bool secret_scan_shapes(const char *text, size_t length, SecretFinding *found);

/* Whether the text, which is no longer than a line, is all reference: "{{$env.KEY}}", "${TOKEN}", "$last.x".
 */
bool secret_is_reference(const char *text, size_t length);

#endif
