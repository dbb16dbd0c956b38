/*
 * Certificates made when a test starts: an authority and leaves signed by it, as PEM files in a
 * folder of their own.
 */
#ifndef CK_TESTS_NET_CERTS_H
#define CK_TESTS_NET_CERTS_H

#define NET_PATH_MAX 128

typedef struct net_certs {
    char folder[NET_PATH_MAX];
    char ca[NET_PATH_MAX];      /* the authority */
    char key[NET_PATH_MAX];     /* the key of every leaf */
    char good[NET_PATH_MAX];    /* for localhost and 127.0.0.1 */
    char other[NET_PATH_MAX];   /* for other.example alone */
    char expired[NET_PATH_MAX]; /* for localhost and 127.0.0.1, ended yesterday */
    char own[NET_PATH_MAX];     /* for localhost and 127.0.0.1, signed by itself */
} net_certs;

void net_certs_make(net_certs *certs);
void net_certs_remove(net_certs *certs);

#endif
