/* Some libraries set the process's SIGPIPE disposition behind its back; this undoes it. */
#ifndef CK_RUNTIME_OS_SIGPIPE_H
#define CK_RUNTIME_OS_SIGPIPE_H

/* Calls fn(arg); SIGPIPE's disposition is afterwards what it was before. */
void ck_keep_sigpipe(void (*fn)(void *arg), void *arg);

#endif
