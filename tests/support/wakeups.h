#ifndef CK_TESTS_WAKEUPS_H
#define CK_TESTS_WAKEUPS_H

/* How often the library's own threads (named chalk-...) have gone to sleep so far. */
long ck_wakeups(void);

#endif
