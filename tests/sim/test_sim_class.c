/* A large class costs its students little, and is told to each as to all. */
#include "sim/class.h"
#include "support/check.h"

/* So many that frames come at the pace of the largest classes: more would need no other bits. The
 * time is chalk-sim's to measure. */
CK_TEST(sim_class, a_student_needs_few_bits)
{
    static const struct {
        uint32_t crowd_per_s;
        double kbps_max;
    } rows[] = {{10, 4}, {1000, 30}};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        ck_class_run run = {
            .students = 5000, .seconds = 20, .crowd_per_s = rows[row].crowd_per_s, .seed = 1};
        ck_class_simulate(&run);
        CK_CHECK_STR(run.broken, "");
        CK_CHECK_ROW(row, run.kbps_total < rows[row].kbps_max);
        CK_CHECK_ROW(row, run.shown + run.hidden > run.said * 9 / 10);
    }
}
