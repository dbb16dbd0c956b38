ck_test(test_bench_ssim SOURCES unit/test_bench_ssim.c)
