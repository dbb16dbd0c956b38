ck_fuzz(fuzz_room_wire SOURCES fuzz/fuzz_room_wire.c LINKS ck_core)
foreach(target sequencer replica)
  ck_fuzz(fuzz_room_${target} SOURCES fuzz/fuzz_room_${target}.c LINKS ck_runtime)
endforeach()
