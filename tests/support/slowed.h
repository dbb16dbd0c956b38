#ifndef CK_TESTS_SLOWED_H
#define CK_TESTS_SLOWED_H

/* By how much sanitizers slow down what is measured. */
#if defined(__has_feature)
#    if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#        define CK_TEST_SLOWED 5
#    endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define CK_TEST_SLOWED 5
#endif
#ifndef CK_TEST_SLOWED
#    define CK_TEST_SLOWED 1
#endif

#endif
