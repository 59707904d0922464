/*
 * A throwaway PostgreSQL cluster for unit tests, reached through a socket in a folder of its own: no port is
 * taken. It ends with the process, even when that is killed.
 */
#ifndef SCHEMA_SYNC_TESTS_CLUSTER_H
#define SCHEMA_SYNC_TESTS_CLUSTER_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    char folder[64];
    pid_t server;
} Cluster;

#define CLUSTER_PASSWORD "socket-secret-7c1f"

/* False, with the reason printed, when this machine has no PostgreSQL server. The superuser "postgres" needs
 * no password; every other role does. */
bool cluster_start(Cluster *cluster);
void cluster_stop(Cluster *cluster);
/* A keyword string; valid until the next call in the same thread. `port` 5432 is the server itself. */
const char *cluster_conninfo(const Cluster *cluster, const char *database, int port);

#endif
