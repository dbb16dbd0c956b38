/*
 * Invariants. A debug build traps at the spot; a release build runs `action` (usually: mark the
 * object failed and return), because a library must never abort its host.
 */
#ifndef CK_BASE_CHECK_H
#define CK_BASE_CHECK_H

#if defined(CK_TRAP_ON_BROKEN_INVARIANT) && (defined(__GNUC__) || defined(__clang__))
#    define CK_TRAP() __builtin_trap()
#elif defined(CK_TRAP_ON_BROKEN_INVARIANT) && defined(_MSC_VER)
#    define CK_TRAP() __debugbreak()
#else
#    define CK_TRAP() ((void)0)
#endif

/* CK_INVARIANT(used <= capacity, return CHALK_ERR_BAD_STATE); */
#define CK_INVARIANT(condition, action)                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            CK_TRAP();                                                                             \
            action;                                                                                \
        }                                                                                          \
    } while (0)

#define CK_COUNT_OF(array)  (sizeof(array) / sizeof((array)[0]))
#define CK_MIN(a, b)        ((a) < (b) ? (a) : (b))
#define CK_MAX(a, b)        ((a) > (b) ? (a) : (b))
#define CK_CLAMP(x, lo, hi) ((x) < (lo) ? (lo) : (x) > (hi) ? (hi) : (x))

#endif
