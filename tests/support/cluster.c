#include "support/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FOLDER_PREFIX "/tmp/schema-sync-unit-"

/* ---- where PostgreSQL is ---- */

static bool find_program(const char *pattern, char *found, size_t size) {
    glob_t matches;
    bool any = glob(pattern, 0, NULL, &matches) == 0 && matches.gl_pathc > 0;
    if (any)
        snprintf(found, size, "%s", matches.gl_pathv[matches.gl_pathc - 1]);
    globfree(&matches);
    return any;
}

/* The folder with initdb and postgres: Debian keeps them out of PATH. */
static bool find_server(char *folder, size_t size) {
    static const char *const places[] = { "/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb",
                                          "/usr/local/pgsql/bin/initdb", "/usr/local/bin/initdb",
                                          "/usr/bin/initdb" };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (find_program(places[i], folder, size)) {
            *strrchr(folder, '/') = '\0';
            return true;
        }
    }
    printf("skipped: no PostgreSQL server on this machine (Debian: apt-get install postgresql)\n");
    return false;
}

/* ---- running it ---- */

/* The server refuses to run as root. */
static const struct passwd *account(void) {
    return geteuid() == 0 ? getpwnam("postgres") : NULL;
}

static _Noreturn void run(const Cluster *cluster, const struct passwd *user, char *const *argv) {
    int log = open("log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    pid_t parent = getppid();
    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(126);
    if (user && (initgroups(user->pw_name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
                 setuid(user->pw_uid) != 0))
        _exit(126);
    /* After setuid, which clears it. SIGQUIT is the server's "at once". */
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != parent || chdir(cluster->folder) != 0)
        _exit(126);
    execv(argv[0], argv);
    _exit(127);
}

static pid_t start(const Cluster *cluster, char *const *argv) {
    const struct passwd *user = account();
    pid_t child = fork();
    if (child == 0) {
        if (chdir(cluster->folder) != 0)
            _exit(126);
        run(cluster, user, argv);
    }
    return child;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *at) {
    (void)status;
    (void)type;
    (void)at;
    return remove(path);
}

static void remove_folder(const char *path) {
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* What a killed run left behind: the folder's name has its process in it. */
static void remove_remains(void) {
    glob_t folders;
    if (glob(FOLDER_PREFIX "*", 0, NULL, &folders) == 0) {
        for (size_t i = 0; i < folders.gl_pathc; i++) {
            int owner = atoi(folders.gl_pathv[i] + strlen(FOLDER_PREFIX));
            if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH)
                remove_folder(folders.gl_pathv[i]);
        }
        globfree(&folders);
    }
}

static bool make_folder(Cluster *cluster) {
    remove_remains();
    snprintf(cluster->folder, sizeof cluster->folder, FOLDER_PREFIX "%ld-XXXXXX", (long)getpid());
    if (!mkdtemp(cluster->folder))
        return false;
    const struct passwd *user = account();
    char log[128];
    snprintf(log, sizeof log, "%s/log", cluster->folder);
    int file = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        return false;
    close(file);
    return !user || (chown(cluster->folder, user->pw_uid, user->pw_gid) == 0 &&
                     chown(log, user->pw_uid, user->pw_gid) == 0);
}

static bool init(const Cluster *cluster, const char *programs) {
    char initdb[PATH_MAX], data[128];
    snprintf(initdb, sizeof initdb, "%s/initdb", programs);
    snprintf(data, sizeof data, "%s/data", cluster->folder);
    char *argv[] = { initdb,
                     (char[]){ "-D" },
                     data,
                     (char[]){ "-Upostgres" },
                     (char[]){ "--no-sync" },
                     (char[]){ "--encoding=UTF8" },
                     (char[]){ "--locale=C" },
                     NULL };
    int status = 0;
    pid_t child = start(cluster, argv);
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        return false;
    strncat(data, "/pg_hba.conf", sizeof data - strlen(data) - 1);
    FILE *access = fopen(data, "w");
    if (!access)
        return false;
    fputs("local all postgres trust\nlocal all all scram-sha-256\n", access);
    return fclose(access) == 0;
}

/* The server writes "ready" into its pid file. */
static bool wait_until_ready(const Cluster *cluster) {
    char path[128], line[256];
    snprintf(path, sizeof path, "%s/data/postmaster.pid", cluster->folder);
    for (int tries = 0; tries < 12000; tries++) {
        FILE *file = fopen(path, "r");
        bool ready = false;
        while (file && fgets(line, sizeof line, file))
            ready = ready || strncmp(line, "ready", 5) == 0;
        if (file)
            fclose(file);
        if (ready)
            return true;
        if (waitpid(cluster->server, NULL, WNOHANG) == cluster->server)
            return false;
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    }
    return false;
}

static void show_log(const Cluster *cluster) {
    char path[128], line[512];
    snprintf(path, sizeof path, "%s/log", cluster->folder);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        fputs(line, stderr);
    if (file)
        fclose(file);
}

bool cluster_start(Cluster *cluster) {
    char programs[1024], postgres[PATH_MAX], sockets[128];
    *cluster = (Cluster){ 0 };
    if (!find_server(programs, sizeof programs))
        return false;
    if (!make_folder(cluster) || !init(cluster, programs)) {
        fprintf(stderr, "initdb failed (%s)\n", strerror(errno));
        show_log(cluster);
        abort();
    }
    snprintf(postgres, sizeof postgres, "%s/postgres", programs);
    snprintf(sockets, sizeof sockets, "-cunix_socket_directories=%s", cluster->folder);
    char *argv[] = { postgres,
                     (char[]){ "-Ddata" },
                     sockets,
                     (char[]){ "-clisten_addresses=" },
                     (char[]){ "-cfsync=off" },
                     (char[]){ "-cmax_connections=100" },
                     (char[]){ "-cshared_buffers=16MB" },
                     NULL };
    cluster->server = start(cluster, argv);
    if (cluster->server < 0 || !wait_until_ready(cluster)) {
        show_log(cluster);
        abort();
    }
    return true;
}

void cluster_stop(Cluster *cluster) {
    if (cluster->server > 0) {
        kill(cluster->server, SIGQUIT);
        waitpid(cluster->server, NULL, 0);
    }
    if (*cluster->folder)
        remove_folder(cluster->folder);
    *cluster = (Cluster){ 0 };
}

const char *cluster_conninfo(const Cluster *cluster, const char *database, int port) {
    static _Thread_local char text[256];
    snprintf(text, sizeof text, "host=%s port=%d user=postgres dbname=%s", cluster->folder, port, database);
    return text;
}
